#!/usr/bin/env bash
# test.sh SECONDS_FOR_A_TEST SECONDS_IN_ALL COMMAND…
# Runs tests and shows what they print. A test that does not end, or a run that does not, is killed with
# all that it started, and its name is the last thing said: a hang is a failure, not a wait.
set -euo pipefail
test_limit=$1
limit=$2
shift 2

work=$(mktemp -d)
# A group of its own, to be ended whole.
set -m
"$@" >"$work/log" 2>&1 &
command=$!
set +m
end() {
    # Not to be told by the shell that its own command was killed.
    disown "$command" 2>/dev/null || true
    kill -KILL -- "-$command" 2>/dev/null || true
    rm -rf "$work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

shown=0
show() {
    tail -c "+$((shown + 1))" "$work/log" >"$work/new"
    cat "$work/new"
    shown=$((shown + $(wc -c <"$work/new")))
}

# The test under way and for how many seconds, from what the run has printed. Tests run one after another: one
# that has begun ends those before it, since `swift test` may lose the line that says so. That line may also
# say how many cases a test had.
ages() {
    awk -v step="$1" '
        FILENAME == ARGV[1] { age[substr($0, index($0, " ") + 1)] = $1; next }
        / Test (run|case) / { next }
        / Test .* started\.$/ { split("", count); count[name($0)]++ }
        / Test .* (passed|failed) after / { count[name($0)]-- }
        / Test .* skipped/ { count[name($0)]-- }
        function name(line) {
            sub(/^.* Test /, "", line)
            sub(/( with [0-9]+ test cases?)? (started\.|(passed|failed) after |skipped).*$/, "", line)
            return line
        }
        END { for (test in count) if (count[test] > 0) print age[test] + step, test }
    ' "$work/ages" "$work/log" >"$work/ages.new"
    mv "$work/ages.new" "$work/ages"
}

: >"$work/ages"
started=$SECONDS
last=$SECONDS
while kill -0 "$command" 2>/dev/null; do
    sleep 1
    show
    ages "$((SECONDS - last))"
    last=$SECONDS
    hanging=$(awk -v limit="$test_limit" '$1 >= limit' "$work/ages")
    if [ -n "$hanging" ]; then
        printf 'test.sh: ended, since these tests took longer than %s s:\n%s\n' \
            "$test_limit" "$(cut -d ' ' -f 2- <<<"$hanging")" >&2
        exit 124
    fi
    if [ "$((SECONDS - started))" -ge "$limit" ]; then
        printf 'test.sh: ended, since the run took longer than %s s; under way were:\n%s\n' \
            "$limit" "$(cut -d ' ' -f 2- "$work/ages")" >&2
        exit 124
    fi
done
status=0
wait "$command" || status=$?
show
exit "$status"
