# Words of the command line that are no command, file or option.
for words in '--versio' '--version x' './chek' 'chek' '--vebrose' '-z'; do
    # shellcheck disable=SC2086
    "$RUNNER" $words
    echo "exit $?"
done
mkdir folder
"$RUNNER" folder
"$RUNNER" --help | awk 'length > 80' | wc -l
[ "$("$RUNNER" --help | wc -l)" -le 48 ] && echo 'one screen'
