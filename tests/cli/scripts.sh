# The scripts' own messages, with a CDPATH that `cd` would talk about.
cd "$ROOT" || exit
CDPATH=$ROOT:.
export CDPATH
sh scripts/get_data.sh nonsense.hf5 2>&1 | sed -n 1p
sh scripts/build.sh
