package main

import (
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/recipes"
)

// filesRecipe is what train starts from when it is given files.
const filesRecipe = "files-grit"

// fileFlag is an option of train that stands for settings of the recipe.
type fileFlag struct {
	name, path string // path of the setting
	kind       recipes.DataKind
	usage      string
	toggle     bool // takes no value
}

// fileFlags are short forms: each does what --set does with its path. Those with a kind
// name the file as well as its kind.
func fileFlags() []fileFlag {
	const path = "data.files.path"
	return []fileFlag{
		{name: "csv", path: path, kind: recipes.CSVFile, usage: "train on a table of molecules: `FILE`"},
		{name: "graphs", path: path, kind: recipes.GraphTables, usage: "train on a table of edges: `FILE`"},
		{name: "graphml", path: path, kind: recipes.GraphMLFile, usage: "train on graphs in GraphML: `FILE`"},
		{name: "graph6", path: path, kind: recipes.Graph6File, usage: "train on graphs in graph6: `FILE`"},
		{name: "jsonl", path: path, kind: recipes.JSONLinesFile, usage: "train on graphs in JSON Lines: `FILE`"},
		{name: "nodes", path: "data.files.nodes", usage: "table of nodes beside --graphs: `FILE`"},
		{name: "graph-table", path: "data.files.graphTable", usage: "table with targets of graphs: `FILE`"},
		{name: "task", path: "data.files.task", usage: "`TASK`: " + strings.Join(files.TaskNames(), ", ")},
		{name: "smiles-column", path: "data.files.smilesColumn", usage: "column of molecules: `NAME`"},
		{name: "id-column", path: "data.files.idColumn", usage: "column of ids: `NAME`"},
		{name: "split", path: "data.protocol", usage: "how files are split: `RULE`, random or scaffold"},
		{name: "split-column", path: "data.files.splitColumn", usage: "column that says train, val or test: `NAME`"},
		{name: "features", path: "data.files.features", usage: "features of molecules: `SET`, atoms, ogb or zinc"},
		{name: "categorical", path: "data.files.categorical", usage: "columns of nodes and edges that are categories: `A,B`"},
		{name: "numeric", path: "data.files.numeric", usage: "columns that are numbers: `A,B`"},
		{name: "ignore", path: "data.files.ignore", usage: "columns that are no features: `A,B`"},
		{name: "impute", path: "data.files.impute", usage: "fill missing features in by `WAY`: mean or zero"},
		{name: "unknown", path: "data.files.unknown", usage: "categories not seen in training: `WAY`, refuse or row (an id of their own)"},
		{name: "skip-bad", path: "data.files.skipBad", usage: "leave rows out that are no molecules", toggle: true},
		{name: "directed", path: "data.files.directed", usage: "edges lead from source to target only", toggle: true},
	}
}

// targetFlag may be repeated, and each value is one name.
const targetFlag = "target-column"

// fileOptions are the options of train that are about files.
func fileOptions() []cli.Flag {
	var list []cli.Flag
	for _, f := range fileFlags() {
		if f.toggle {
			list = append(list, &cli.BoolFlag{Name: f.name, Usage: f.usage})
			continue
		}
		list = append(list, &cli.StringFlag{Name: f.name, Usage: f.usage})
	}
	return append(list, &cli.StringSliceFlag{Name: targetFlag, Usage: "column to predict: `NAME`; may be repeated"})
}

// fileOptionNames lists their names.
func fileOptionNames() []string {
	names := []string{targetFlag}
	for _, f := range fileFlags() {
		names = append(names, f.name)
	}
	return names
}

// startRecipe gives the recipe that --config asks for, or else the one that fits what
// is trained on.
func startRecipe(c *cli.Context) (recipes.Recipe, error) {
	var given []fileFlag
	for _, f := range fileFlags() {
		if f.kind != recipes.NamedSet && c.IsSet(f.name) {
			given = append(given, f)
		}
	}
	if len(given) > 1 {
		return recipes.Recipe{}, misuse("graft train: --%s and --%s: train on one kind of file at a time", given[0].name, given[1].name)
	}
	name := c.String("config")
	if len(given) == 1 && !c.IsSet("config") {
		name = filesRecipe
	}
	r, err := loadRecipe(name)
	if err != nil || len(given) == 0 {
		return r, err
	}
	if !c.IsSet("config") {
		r.Name = runName(c.String(given[0].name))
	}
	return r, set(&r, given[0].name, "data.kind", given[0].kind.String())
}

// runName makes the name of runs of the name of a file.
func runName(path string) string {
	name := strings.TrimSuffix(filepath.Base(path), ".gz")
	name = strings.TrimLeft(strings.TrimSuffix(name, filepath.Ext(name)), ".")
	if name == "" || strings.ContainsAny(name, `/\`) {
		return "files"
	}
	return name
}

// setFiles makes the settings that options about files stand for.
func setFiles(c *cli.Context, r *recipes.Recipe) error {
	for _, f := range fileFlags() {
		if !c.IsSet(f.name) {
			continue
		}
		value := c.String(f.name)
		if f.toggle {
			value = "true"
			if !c.Bool(f.name) {
				value = "false"
			}
		}
		if err := set(r, f.name, f.path, value); err != nil {
			return err
		}
	}
	if c.IsSet(targetFlag) {
		return set(r, targetFlag, "data.files.targetColumn", files.Join(c.StringSlice(targetFlag)))
	}
	return nil
}

// set makes a setting in the name of an option.
func set(r *recipes.Recipe, flag, path, value string) error {
	if strings.HasPrefix(path, "data.files.") && r.Data.Kind == recipes.NamedSet {
		return misuse("graft train: --%s is about files, and none are given: name them with --csv, --graphs, --graphml, --graph6 or --jsonl", flag)
	}
	if err := r.Set(path, value); err != nil {
		return misuse("graft train: --%s: %s", flag, message(err))
	}
	return nil
}
