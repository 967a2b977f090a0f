# What takes the place of commands that need an account, a network or minutes. Functions go before
# commands of the same name.

# Notes what would be deployed. The test synthesizes it with the same settings.
npx() {
  [ "$1" = cdk ] || { echo "only 'npx cdk' is known here" >&2; return 1; }
  shift
  python3 -c 'import json, sys; print(json.dumps(sys.argv[1:]))' "$@" >> "$DOCS_CDK"
}

# Sees that make has the target. `make setup` is done already: what it made is linked.
make() {
  command make --dry-run "$@" > /dev/null
  [ "$1" != setup ] || ln -sfn "$DOCS_ROOT/.venv" "$DOCS_ROOT/node_modules" .
}

# Clones this repository from `URL`, in an empty folder.
git() {
  if [ "$1 ${2-}" = "clone URL" ]; then
    cd "$(mktemp --directory --tmpdir="$HOME")"
    command git clone --quiet --shared "$DOCS_ROOT" "$3"
  else
    command git "$@"
  fi
}

# The installed command.
modelmount() {
  "$DOCS_ROOT/bin/modelmount" "$@"
}

# Fails for an answer that is an error, unless the page shows one.
curl() {
  command curl --silent --show-error --fail-with-body "$@" || {
    local status=$?
    [ "$status" = 22 ] && [ -e "$DOCS_ERROR_IS_SHOWN" ] || return "$status"
  }
}

# Waits after an upload as a reader does, until the system has taken it up.
aws() {
  command aws "$@"
  case " $* " in
    *" s3 cp "*" s3://$BUCKET/"*) settle ;;
  esac
}

settle() {
  local tries
  for tries in $(seq 60); do
    case "$("$DOCS_ROOT/bin/modelmount" --local --state "$DOCS_STATE" reconcile --dry-run)" in
      *agree*) return ;;
    esac
    sleep 0.5
  done
  echo "the upload wasn't taken up" >&2
  return 1
}
