/** What `completion` prints: each shell's way to ask `tspod __complete`. */

export type Shell = 'bash' | 'zsh' | 'fish';

/** The answer ends with a line that says whether files may be meant, too: `:files` or `:nofiles`. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  // Words that bash has split at `=` and `:` are put together again; it replaces only the last part of them.
  // `filenames` puts a backslash before the colon of what is none; an open quote is not of the word.
  bash: `# bash completion for tspod
_tspod() {
	local rest=$COMP_LINE trimmed word i line value
	local -a words=() lines=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		word=\${COMP_WORDS[i]}
		trimmed=\${rest#"\${rest%%[![:space:]]*}"}
		if ((i > 0)) && [[ $rest == "$trimmed" && -n $word ]]; then
			words[\${#words[@]} - 1]+=$word
		else
			words+=("$word")
		fi
		rest=\${trimmed#"$word"}
	done
	local current=\${words[\${#words[@]} - 1]} typed=\${COMP_WORDS[COMP_CWORD]}
	case $typed in = | :) typed= ;; esac
	local prefix=\${current%"$typed"}
	case $typed in [\\'\\"]*) typed=\${typed:1} words[\${#words[@]} - 1]=$prefix$typed ;; esac

	while IFS= read -r line; do lines+=("$line"); done < <("\${1/#\\~/$HOME}" __complete "\${words[@]:1}" 2>/dev/null)
	COMPREPLY=()
	for line in "\${lines[@]}"; do
		value=\${line%%$'\\t'*}
		case $value in
		:files)
			((\${#COMPREPLY[@]})) || compopt -o filenames 2>/dev/null
			while IFS= read -r value; do COMPREPLY+=("$value"); done < <(compgen -f -- "$typed")
			;;
		:nofiles) ;;
		*) COMPREPLY+=("\${value#"$prefix"}") ;;
		esac
	done
	if ((\${#COMPREPLY[@]} == 1)); then
		case \${COMPREPLY[0]} in *[=:,.\\ ]) compopt -o nospace 2>/dev/null ;; esac
	fi
}
complete -F _tspod tspod
`,
  // An open quote is not of the word.
  zsh: `#compdef tspod
# zsh completion for tspod
_tspod() {
	local -a lines whole begun
	local line value item current=\${(Q)words[CURRENT]}
	[[ -n $compstate[quote] ]] && current=\${words[CURRENT]#?}
	lines=("\${(@f)$(\${(Q)words[1]} __complete "\${(@Q)words[2,CURRENT-1]}" "$current" 2>/dev/null)}")
	for line in $lines; do
		value=\${line%%$'\\t'*}
		item=\${value//:/\\\\:}
		[[ $line == *$'\\t'?* ]] && item+=":\${line#*$'\\t'}"
		case $value in
		:files) _files ;;
		:nofiles) ;;
		*[=:,.\\ ]) begun+=("$item") ;;
		*) whole+=("$item") ;;
		esac
	done
	((\${#begun})) && _describe -V tspod begun -S ''
	((\${#whole})) && _describe -V tspod whole
}
if [ "$funcstack[1]" = "_tspod" ]; then _tspod; else compdef _tspod tspod; fi
`,
  fish: `# fish completion for tspod
function __tspod_complete
    set -l words (commandline -opc) (commandline -ct | string replace -r '^["\\']' '')
    for line in ($words[1] __complete $words[2..] 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path (commandline -ct)
            case ':nofiles'
            case '*'
                echo $line
        end
    end
end
complete -c tspod -f -a '(__tspod_complete)'
`,
};
