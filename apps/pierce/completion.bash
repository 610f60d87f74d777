# Completes `pierce` in bash: commands, their options, and the files and values that options take.
# tests/check/completion.py holds it to what --help says.

_pierce_options()
{
    local common="--server --name --stun --turn --turn-credentials --token-file --relay-only
        --no-relay --timeout --json --help"

    case $1 in
        bench) echo "$common --to --listen --size --seconds --channels --reverse --unordered
            --max-retransmits --no-ping" ;;
        chat) echo "$common --to --room --stay" ;;
        echo) echo "$common --room" ;;
        ping) echo "$common --to --count --interval --size" ;;
    esac
}

# What an option takes.  Fails for one that takes nothing.
_pierce_value()
{
    local option=$1 word=$2

    case $option in
        --turn-credentials | --token-file)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
        --size) mapfile -t COMPREPLY < <(compgen -W "64 1k 16k 64k" -- "$word") ;;
        --server | -s | --name | -n | --stun | --turn | --timeout | -t | --to | --room | -r | \
            --count | -c | --interval | -i | --seconds | --channels | --max-retransmits) ;;
        *) return 1 ;;
    esac
}

_pierce()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

    COMPREPLY=()
    # "--size=64k" is three words to bash.
    if [[ $word == "=" ]]; then
        word=
    elif [[ $before == "=" ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "bench chat echo ping --help --version" -- "$word")
    elif ! _pierce_value "$before" "$word"; then
        mapfile -t COMPREPLY < <(compgen -W "$(_pierce_options "${COMP_WORDS[1]}")" -- "$word")
    fi
}

complete -F _pierce pierce
