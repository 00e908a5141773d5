package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/recipes"
)

const completionManual = `Prints a script that lets the shell complete commands, options, presets and
data sets.

Examples:

   source <(graft completion bash)                 # in ~/.bashrc
   source <(graft completion zsh)                  # in ~/.zshrc, after compinit
   graft completion fish | source                  # in ~/.config/fish/config.fish`

const bashScript = `# completion of graft for bash
_graft() {
  local cur=${COMP_WORDS[COMP_CWORD]} IFS=$'\n'
  local words=("${COMP_WORDS[@]:0:COMP_CWORD}")
  [[ $cur == -* ]] && words+=("$cur")
  COMPREPLY=($(compgen -W "$("${words[@]}" --generate-bash-completion 2>/dev/null)" -- "$cur"))
}
complete -o default -F _graft graft
`

const zshScript = `#compdef graft
# completion of graft for zsh
_graft() {
  local -a given found
  given=("${(@)words[1,CURRENT-1]}")
  [[ ${words[CURRENT]} == -* ]] && given+=("${words[CURRENT]}")
  found=("${(@f)$("${given[@]}" --generate-bash-completion 2>/dev/null)}")
  if [[ -n ${found[1]} ]]; then compadd -- "${found[@]}"; else _files; fi
}
compdef _graft graft
`

func (p *program) completionCommand() *cli.Command {
	shells := []string{"bash", "zsh", "fish"}
	return &cli.Command{
		Name: "completion", Usage: "print a completion script for a shell", ArgsUsage: strings.Join(shells, "|"), Description: completionManual,
		BashComplete: func(c *cli.Context) { fmt.Fprintln(c.App.Writer, strings.Join(shells, "\n")) },
		Action: func(c *cli.Context) error {
			args, err := arguments(c, 1, 1)
			if err != nil {
				return err
			}
			script := ""
			switch args[0] {
			case "bash":
				script = bashScript
			case "zsh":
				script = zshScript
			case "fish":
				if script, err = c.App.ToFishCompletion(); err != nil {
					return err
				}
			default:
				return misuse("graft completion: unknown shell %q; did you mean %q? (known: %s)", args[0], nearest.To(args[0], shells), strings.Join(shells, ", "))
			}
			_, err = io.WriteString(p.out, script)
			return err
		},
	}
}

// completeNames completes an argument by names, and options.
func (p *program) completeNames(names func() []string) cli.BashCompleteFunc {
	return func(c *cli.Context) {
		if !p.completeFlags(c) {
			fmt.Fprintln(c.App.Writer, strings.Join(names(), "\n"))
		}
	}
}

// completeTrain completes the names of presets behind --config, and options.
func (p *program) completeTrain(c *cli.Context) {
	if slices.Contains([]string{"--config", "-config"}, p.wordBefore()) {
		fmt.Fprintln(c.App.Writer, strings.Join(recipes.Names(), "\n"))
		return
	}
	p.completeFlags(c)
}

// completeFlags completes an option that was begun, and tells whether there was one.
func (p *program) completeFlags(c *cli.Context) bool {
	begun := p.wordBefore()
	if !strings.HasPrefix(begun, "-") {
		return false
	}
	for _, name := range flagNames(c) {
		if full := "--" + name; len(name) > 1 && strings.HasPrefix(full, begun) {
			fmt.Fprintln(c.App.Writer, full)
		}
	}
	return true
}

// wordBefore is the last word before the one that asks for completion.
func (p *program) wordBefore() string {
	if len(p.args) < 2 {
		return ""
	}
	return p.args[len(p.args)-2]
}
