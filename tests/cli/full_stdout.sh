# A full stdout is said; a reader that has gone away is not.
[ -e /dev/full ] || { echo 'no /dev/full: skipped'; exit 77; }
"$RUNNER" list > /dev/full
echo $? >&2
"$RUNNER" list | head -n 1 >/dev/null
