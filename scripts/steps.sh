# What scripts/test and .ci/run share: each step writes its result below $results, `tally` counts them.
results=$PWD/build/results
jobs=$(nproc)

say() {
    printf '\n== %s (%s)\n' "$*" "$(date +%T)"
}

# step NAME COMMAND...: counts as one test that passes if COMMAND does; its output is shown if it fails.
step() {
    local name=$1 log
    shift
    log=$results/$(tr -c '[:alnum:]\n' - <<<"$name").log
    say "$name"
    if "$@" >"$log" 2>&1; then
        echo "passed $name" >>"$results/steps"
        return 0
    fi
    grep -n -E -A8 'error|warning:|FAILED|rror:' "$log" | head -n 60
    tail -n 15 "$log"
    echo "failed $name" >>"$results/steps"
    return 1
}

# build PRESET CMAKE-OPTION...
build() {
    local preset=$1
    shift
    step "configure $preset" cmake --preset "$preset" -DPIERCE_WERROR=ON "$@" &&
        step "build $preset" cmake --build --preset "$preset" -j "$jobs"
}

# run_tests PRESET CTEST-OPTION...: a line per test as it ends, what failed tests print, and a JUnit file.
run_tests() {
    local preset=$1
    shift
    say "test $preset"
    ctest --preset "$preset" --output-junit "$results/$preset.xml" --no-tests=error --timeout 300 "$@"
    [ -s "$results/$preset.xml" ] || echo "failed tests of $preset did not run" >>"$results/steps"
}

# Prints what failed and what was skipped, then the closing line; fails if anything failed.
tally() {
    python3 scripts/tally "$results"
}
