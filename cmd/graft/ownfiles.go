package main

import (
	"path/filepath"
	"strings"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/recipes"
)

// What train starts from when it is given files of graphs, a table of rows, images, or clips of
// movement.
const (
	filesRecipe  = "files-grit"
	tableRecipe  = "table"
	imageRecipe  = "images-vit"
	motionRecipe = "clips-4dmot"
)

// fileFlag is an option of train that stands for settings of the recipe.
type fileFlag struct {
	name   string
	path   string // of the setting, of files of graphs; may be empty
	table  string // of the setting, of a table of rows; may be empty
	image  string // of the setting, of images; may be empty
	motion string // of the setting, of clips of movement; may be empty
	kind   recipes.DataKind
	usage  string
	toggle bool // takes no value
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
		{name: "table", table: "data.table.path", kind: recipes.TableFile, usage: "train on the rows of a table, to be classified: `FILE`"},
		{name: "images", image: "data.images.path", kind: recipes.ImageFiles, usage: "train on images, a folder for each class in `DIR`, or a table of paths and labels"},
		{name: "motion", motion: "data.motion.path", kind: recipes.MotionFiles, usage: "train on clips of movement, BVH, CSV, NumPy or safetensors files in `DIR`, a zip archive, or one file"},
		{name: "nodes", path: "data.files.nodes", usage: "table of nodes beside --graphs: `FILE`"},
		{name: "graph-table", path: "data.files.graphTable", usage: "table with targets of graphs: `FILE`"},
		{name: "task", path: "data.files.task", usage: "`TASK`: " + strings.Join(files.TaskNames(), ", ")},
		{name: "smiles-column", path: "data.files.smilesColumn", usage: "column of molecules: `NAME`"},
		{name: "id-column", path: "data.files.idColumn", usage: "column of ids: `NAME`"},
		{name: "split", path: "data.protocol", usage: "how files are split: `RULE`, random or scaffold"},
		{name: "split-column", path: "data.files.splitColumn", table: "data.table.splitColumn", image: "data.images.splitColumn", usage: "column that says train, val or test: `NAME`"},
		{name: "features", path: "data.files.features", usage: "features of molecules: `SET`, atoms, ogb or zinc"},
		{name: "categorical", path: "data.files.categorical", table: "data.table.categorical", usage: "columns that are categories: `A,B`"},
		{name: "numeric", path: "data.files.numeric", table: "data.table.numeric", usage: "columns that are numbers: `A,B`"},
		{name: "ignore", path: "data.files.ignore", table: "data.table.ignore", usage: "columns that are no features: `A,B`"},
		{name: "path-column", image: "data.images.pathColumn", usage: "column with the paths of images: `NAME`"},
		{name: "classes", image: "data.images.classes", usage: "classes of images, any other label being refused: `A,B`"},
		{name: "image-size", image: "data.images.size.height", usage: "bring images to `N` pixels in height and width"},
		{name: "test-clips", motion: "data.motion.testClips", usage: "clips to test on, and no others held out: names or patterns `A,B*`"},
		{name: "fps", motion: "data.motion.fps", usage: "bring clips to `N` frames a second"},
		{name: "text", table: "data.table.text", usage: "columns of a table that are texts: `A,B`"},
		{name: "target-bins", table: "data.table.targetBins", usage: "make `N` classes of the numbers to predict"},
		{name: "delimiter", path: "data.files.delimiter", table: "data.table.delimiter", usage: "what separates cells: `WHAT`, auto, comma, semicolon or tab"},
		{name: "impute", path: "data.files.impute", usage: "fill missing features in by `WAY`: mean or zero"},
		{name: "unknown", path: "data.files.unknown", usage: "categories not seen in training: `WAY`, refuse or row (an id of their own)"},
		{name: "skip-bad", path: "data.files.skipBad", table: "data.table.skipBad", usage: "leave rows out that cannot be used, such as no molecules", toggle: true},
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
		switch given[0].kind {
		case recipes.TableFile:
			name = tableRecipe
		case recipes.ImageFiles:
			name = imageRecipe
		case recipes.MotionFiles:
			name = motionRecipe
		}
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
	for _, f := range append(fileFlags(), fileFlag{name: targetFlag, path: "data.files.targetColumn", table: "data.table.targetColumn", image: "data.images.labelColumn"}) {
		if !c.IsSet(f.name) {
			continue
		}
		path, err := f.setting(r)
		if err != nil {
			return err
		}
		value := c.String(f.name)
		switch {
		case f.name == targetFlag:
			if value, err = targetOf(c, r); err != nil {
				return err
			}
		case f.toggle && c.Bool(f.name):
			value = "true"
		case f.toggle:
			value = "false"
		}
		if err := set(r, f.name, path, value); err != nil {
			return err
		}
	}
	return nil
}

// setting is the path of the setting that the option stands for.
func (f *fileFlag) setting(r *recipes.Recipe) (string, error) {
	path, learned, missing := f.path, "graphs", ""
	switch r.Data.Kind {
	case recipes.TableFile:
		path, learned = f.table, "the rows of a table"
	case recipes.ImageSet, recipes.ImageFiles:
		path, learned = f.image, "images"
	case recipes.MotionSet, recipes.MotionFiles:
		path, learned = f.motion, "clips of movement"
	}
	switch {
	case path != "":
		return path, nil
	case f.path != "":
		return "", misuse("graft train: --%s is about graphs, and %s are none: leave it out", f.name, learned)
	case f.table != "":
		missing = "the rows of a table, and none is given: name it with --table"
	case f.motion != "":
		missing = "clips of movement, and none are given: name them with --motion"
	default:
		missing = "images, and none are given: name them with --images"
	}
	return "", misuse("graft train: --%s is about %s", f.name, missing)
}

// targetOf is the setting of the columns to predict: a list of them, and of a table one.
func targetOf(c *cli.Context, r *recipes.Recipe) (string, error) {
	names := c.StringSlice(targetFlag)
	if k := r.Data.Kind; k != recipes.TableFile && k != recipes.ImageFiles {
		return files.Join(names), nil
	}
	if len(names) > 1 {
		return "", misuse("graft train: --%s: one column of a table can be predicted, not %d", targetFlag, len(names))
	}
	return names[0], nil
}

// set makes a setting in the name of an option.
func set(r *recipes.Recipe, flag, path, value string) error {
	if strings.HasPrefix(path, "data.files.") && (r.Data.Kind == recipes.NamedSet || r.Data.Kind == recipes.TableSet) {
		return misuse("graft train: --%s is about files, and none are given: name them with --csv, --graphs, --graphml, --graph6 or --jsonl", flag)
	}
	if err := r.Set(path, value); err != nil {
		return misuse("graft train: --%s: %s", flag, message(err))
	}
	return nil
}
