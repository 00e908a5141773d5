package main

import (
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/report"
)

func (p *program) versionCommand() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "print version, Go version, machine and kernel level", Flags: []cli.Flag{formatFlag()},
		Description: "Prints what a bug report should say. Results of one machine are the same bits for the same\nversion and kernel level; see GRAFT_SIMD in \"graft help\".\n\nExample: graft version --format json",
		Action:      p.version,
	}
}

func (p *program) version(c *cli.Context) error {
	if _, err := arguments(c, 0, 0); err != nil {
		return err
	}
	format, err := formatOf(c)
	if err != nil {
		return err
	}
	return p.printVersion(format)
}

func (p *program) printVersion(format report.Format) error {
	version, revision, modified := "unknown", "", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.modified":
				modified = s.Value
			}
		}
	}
	if modified == "true" {
		revision += " (modified)"
	}
	rows := [][2]any{
		{"version", version}, {"revision", revision}, {"go", runtime.Version()}, {"machine", runtime.GOOS + "/" + runtime.GOARCH},
		{"processors", runtime.GOMAXPROCS(0)}, {"kernels", simd.Active().String()},
	}
	if format == report.Text {
		t := report.Table{Columns: []report.Column{{Key: "graft"}, {Key: "value", Heading: version}}}
		for _, r := range rows[1:] {
			if r[1] != "" {
				t.Add(r[0], r[1])
			}
		}
		return t.Write(p.out, format)
	}
	t := report.Table{Rows: [][]any{nil}}
	for _, r := range rows {
		t.Columns = append(t.Columns, report.Column{Key: r[0].(string)})
		t.Rows[0] = append(t.Rows[0], r[1])
	}
	return t.Write(p.out, format)
}
