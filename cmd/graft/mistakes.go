package main

import (
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/nearest"
)

// group is the action of a command that only has subcommands: help, or the nearest
// name of one that does not exist.
func group(c *cli.Context) error {
	commands := c.App.Commands
	if c.Command != nil && len(c.Command.Subcommands) > 0 {
		commands = c.Command.Subcommands
	}
	if !c.Args().Present() {
		return cli.ShowSubcommandHelp(c)
	}
	var names []string
	for _, sub := range commands {
		names = append(names, sub.Name)
	}
	given := c.Args().First()
	path := strings.TrimSpace(c.Command.HelpName)
	if c.Command.HelpName == "" {
		path = c.App.HelpName
	}
	return misuse("unknown command %q; did you mean %q? (%s help lists the commands)", given, path+" "+nearest.To(given, names), c.App.Name)
}

// badFlag rewords what package flag says of a flag it cannot use.
func (p *program) badFlag(c *cli.Context, err error, _ bool) error {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		return misuse("%s: %s (see %s --help)", commandPath(c), err, commandPath(c))
	}
	known := flagNames(c)
	hint := "it has no options"
	if len(known) > 0 {
		hint = "did you mean --" + nearest.To(name, known) + "?"
	}
	return misuse("%s: unknown option --%s; %s (see %s --help)", commandPath(c), strings.TrimLeft(name, "-"), hint, commandPath(c))
}

func commandPath(c *cli.Context) string {
	if c.Command != nil && c.Command.HelpName != "" {
		return c.Command.HelpName
	}
	return c.App.HelpName
}

func flagNames(c *cli.Context) []string {
	flags := c.App.Flags
	if c.Command != nil && c.Command.Name != "" {
		flags = c.Command.Flags
	}
	var names []string
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// checkOrder refuses options behind the first argument, which package flag would
// take for arguments, and shows the right order.
func (p *program) checkOrder(c *cli.Context) error {
	if slices.Contains(p.args, "--") {
		return nil // the user says where options end
	}
	args := c.Args().Slice()
	for i, arg := range args {
		if i == 0 || len(arg) < 2 || arg[0] != '-' {
			continue
		}
		options, plain := split(c.Command.Flags, args)
		right := slices.Concat(given(c), options, plain)
		return misuse("%s: the option %s stands behind the argument %s; options come first: %s %s",
			commandPath(c), arg, args[0], commandPath(c), strings.Join(quoted(right), " "))
	}
	return nil
}

// split parts options, with their values, from plain arguments.
func split(flags []cli.Flag, args []string) (options, plain []string) {
	takesValue := func(option string) bool {
		name := strings.TrimLeft(option, "-")
		for _, f := range flags {
			if slices.Contains(f.Names(), name) {
				_, isBool := f.(*cli.BoolFlag)
				return !isBool
			}
		}
		return false
	}
	for i := 0; i < len(args); i++ {
		switch {
		case len(args[i]) < 2 || args[i][0] != '-':
			plain = append(plain, args[i])
		case takesValue(args[i]) && i+1 < len(args):
			options = append(options, args[i], args[i+1])
			i++
		default:
			options = append(options, args[i])
		}
	}
	return options, plain
}

// given lists the options that did stand in front, as they would be typed again.
func given(c *cli.Context) []string {
	var list []string
	for _, f := range c.Command.Flags {
		name := f.Names()[0]
		if !c.IsSet(name) {
			continue
		}
		switch f.(type) {
		case *cli.BoolFlag:
			list = append(list, "--"+name)
		case *cli.StringSliceFlag:
			for _, v := range c.StringSlice(name) {
				list = append(list, "--"+name, v)
			}
		default:
			list = append(list, "--"+name, c.String(name))
		}
	}
	return list
}

// quoted puts words that a shell would take apart in quotes.
func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$`&|;<>()*?[]{}#~!") {
			w = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
		out[i] = w
	}
	return out
}

// arguments checks the number of plain arguments.
func arguments(c *cli.Context, least, most int) ([]string, error) {
	args := c.Args().Slice()
	switch {
	case len(args) < least:
		return nil, misuse("%s: missing argument; usage: %s %s", commandPath(c), commandPath(c), c.Command.ArgsUsage)
	case len(args) > most && most == 0:
		return nil, misuse("%s: takes no arguments, got %q; see %s --help", commandPath(c), args[0], commandPath(c))
	case len(args) > most:
		return nil, misuse("%s: one argument too many: %q; usage: %s %s", commandPath(c), args[most], commandPath(c), c.Command.ArgsUsage)
	}
	return args, nil
}
