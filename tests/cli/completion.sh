# The scripts are read by real shells: words, folders behind --out, and names
# with blanks.
mkdir files 'files/a b' && : > 'files/x y.yaml'
"$RUNNER" completion bash > c.bash || exit
"$RUNNER" completion zsh > _runner || exit
for shell in bash zsh; do
    command -v $shell > /dev/null || { echo "$shell is not there"; exit 77; }
done
cat > ask.bash <<'B'
source ../c.bash
ask() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _runner
    printf '%s:' "$*"
    printf ' <%s>' "${COMPREPLY[@]}"
    echo
}
ask runner ch
ask runner x
ask runner list l
ask runner completion ''
ask runner --out ''
ask runner files/c.yaml --j
B
(cd files && bash ../ask.bash)
zsh -n _runner && echo 'zsh reads it'
# What zsh's _arguments would be given.
cat > ask.zsh <<'Z'
_arguments() { print -rl -- ${@:#*DIR*} | grep -e '^--[ah]'; state=rest line=(list); }
compadd() { print -r -- "list: $*"; }
compdef() { :; }
source ./_runner
_runner
Z
zsh -f ask.zsh
"$RUNNER" completion fish
