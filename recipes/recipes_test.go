package recipes

import (
	"reflect"
	"strings"
	"testing"
)

func TestPresets(t *testing.T) {
	for _, name := range Names() {
		r, err := Lookup(name)
		if err != nil {
			t.Fatal(err)
		}
		without := map[DataKind]string{
			CSVFile:     "recipes: data.files.path: no file: name the table of molecules",
			TableFile:   "recipes: data.table.path: no file: name the table",
			ImageFiles:  "recipes: data.images.path: no images: name the folder with a folder of images for each class, or a table of paths and labels",
			MotionFiles: "recipes: data.motion.path: no clips: name a folder, a zip archive or a file of them",
		}[r.Data.Kind]
		if err := r.Validate(); without != "" && (err == nil || err.Error() != without) {
			t.Errorf("%s without a file: %v", name, err)
		}
		switch r.Data.Kind {
		case CSVFile:
			r.Data.Files.Path = "molecules.csv"
		case TableFile:
			r.Data.Table.Path = "people.csv"
		case ImageFiles:
			r.Data.Images.Path = "pictures"
		case MotionFiles:
			r.Data.Motion.Path = "clips"
		}
		if err := r.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r.Data.Files.Path, r.Data.Table.Path, r.Data.Images.Path, r.Data.Motion.Path = "", "", "", ""
		if r.Base != name || r.About == "" {
			t.Errorf("%s: base %q, about %q", name, r.Base, r.About)
		}
		if changes := r.Changes(); len(changes) != 0 {
			t.Errorf("%s differs from itself: %v", name, changes)
		}
		back, err := Parse(strings.NewReader(string(r.Marshal())), "x.yaml")
		if err != nil || !reflect.DeepEqual(back, r) {
			t.Errorf("%s: read back as %+v, %v", name, back, err)
		}
	}
	_, err := Lookup("zinc-grid")
	if want := `recipes: unknown preset "zinc-grid"; did you mean "zinc-grit"? (known: ` + strings.Join(Names(), ", ") + `)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAll(t *testing.T) {
	for pattern, want := range map[string]string{"": strings.Join(Names(), " "), "zinc-grit*": "zinc-grit zinc-grit-30", "esol-*": "esol-grit", "x": ""} {
		list, err := All(pattern)
		var names []string
		for _, r := range list {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%q: got %s, %v, want %s", pattern, got, err, want)
		}
	}
	if _, err := All("[z"); err == nil {
		t.Error("a malformed pattern was accepted")
	}
}

func TestParse(t *testing.T) {
	r, err := Parse(strings.NewReader("# a small one\nbase: zinc-grit\noptim: {lr: 5e-4}\nmodel:\n  layers: 2\n  kind: grit\n  activation: gelu\n  pooling: mean\ndata:\n  dir: \"a: b\"\n"), "dir/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := ZINCGRIT()
	want.Name, want.Optim.LR, want.Model.GRIT.Layers, want.Data.Dir = "small", 5e-4, 2, "a: b"
	if err := want.Set("model.activation", "gelu"); err != nil {
		t.Fatal(err)
	}
	if err := want.Set("model.pooling", "mean"); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r, want) {
		t.Errorf("got  %+v\nwant %+v", r, want)
	}
	changes := r.Changes()
	if got, want := len(changes), 6; got != want {
		t.Errorf("%d changes, want %d: %v", got, want, changes)
	}
	for _, text := range []string{"", "# nothing\n", "---\n"} {
		if r, err := Parse(strings.NewReader(text), "empty.yaml"); err != nil || r.Name != "empty" || r.Optim.LR != 1e-3 {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		"optim:\n  lr: 1\n  weigthDecay: 0\n":      `recipes: f.yaml:3:3: unknown key "weigthDecay" in optim; did you mean "weightDecay"? (known: lr, weightDecay, beta1, beta2, eps, clip)`,
		"trane: {}\n":                              `recipes: f.yaml:1:1: unknown key "trane" in the configuration; did you mean "train"?`,
		"train:\n  epochs: ten\n":                  `recipes: f.yaml:2:11: epochs: "ten" is not a whole number`,
		"train:\n  epochs: 1.5\n":                  `recipes: f.yaml:2:11: epochs: "1.5" is not a whole number`,
		"train:\n  epochs: \"5\"\n":                `recipes: f.yaml:2:11: epochs: "5" is text; leave the quotes out`,
		"train:\n  seed: -1\n":                     `recipes: f.yaml:2:9: seed: "-1" is not a whole number of 0 or more`,
		"train:\n  epochs: 99999999999999999999\n": `epochs: "99999999999999999999" is not a whole number within range`,
		"optim:\n  lr: fast\n":                     `recipes: f.yaml:2:7: lr: "fast" is not a number`,
		"optim:\n  lr: .nan\n":                     `lr: ".nan" is not a number`,
		"optim:\n  lr: 1e999\n":                    `lr: "1e999" is not a number within range`,
		"optim:\n  lr:\n":                          `lr: nothing where one value was expected`,
		"optim:\n  lr: [1]\n":                      `lr: a list where one value was expected`,
		"optim:\n  lr: {a: 1}\n":                   `lr: a section where one value was expected`,
		"optim:\n":                                 `recipes: f.yaml:1:1: optim is a section, nothing was found; write its settings indented below it: lr, weightDecay, beta1, beta2, eps, clip`,
		"optim: 3\n":                               `optim is a section, a value was found`,
		"- a\n- b\n":                               `a list where settings were expected`,
		"just text\n":                              `a value where settings were expected`,
		"schedule:\n  kind: cosin\n":               `recipes: f.yaml:2:9: kind: unknown schedule "cosin"; did you mean "cosine"? (known: cosine, linear, constant)`,
		"model:\n  kind: gird\n":                   `unknown model kind "gird"; did you mean "grit"?`,
		"model:\n  head: sam\n":                    `unknown head "sam"; did you mean "san"?`,
		"model:\n  pooling: men\n":                 `unknown pooling "men"; did you mean "mean"? (known: sum, mean, max)`,
		"model:\n  layerNorm: yes\n":               `layerNorm: "yes" is not true or false`,
		"base: zink-grit\n":                        `recipes: f.yaml:1:7: unknown preset "zink-grit"; did you mean "zinc-grit"?`,
		"base: [a]\n":                              `a list where one value was expected`,
		"name: a\nname: b\n":                       `f.yaml:2:1: not YAML: mapping key "name" already defined at [1:1]`,
		"name: &a b\n":                             `name: an anchor, alias, tag or other special form`,
		"1: 2\n":                                   `a value where the name of a setting was expected`,
		"name: [\n":                                `f.yaml:1:7: not YAML: `,
		"name: a\n---\nname: b\n":                  `a second document; write one configuration a file`,
		"name: \x00\n":                             `byte 6 is the control character 0x00; this is not a text file`,
		strings.Repeat("# long\n", 200000):         `f.yaml: more than 65536 bytes; this is not a configuration file`,
		strings.Repeat("[", 2000):                  `f.yaml: 2000 lists and brackets; this is not a configuration file`,
	} {
		_, err := Parse(strings.NewReader(text), "f.yaml")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q:\n got %v\nwant %s", text, err, want)
		}
	}
}

func TestSet(t *testing.T) {
	r := CSLGRIT()
	for path, value := range map[string]string{
		"optim.lr": "0.0005", "model.layers": "3", "train.onNaN": "skip", "schedule.kind": "linear", "data.dir": "x=y", "model.head": "san", "train.seed": "18446744073709551615",
	} {
		if err := r.Set(path, value); err != nil {
			t.Errorf("%s=%s: %v", path, value, err)
		}
		found := false
		for _, s := range r.Settings() {
			found = found || s == Setting{path, value}
		}
		if !found {
			t.Errorf("%s=%s is not among the settings", path, value)
		}
	}
	for _, test := range []struct{ path, value, want string }{
		{"optim.rl", "1", `recipes: optim.rl: unknown setting; did you mean "optim.lr"?`},
		{"lr", "1", `recipes: lr: unknown setting; did you mean "optim.lr"?`},
		{"epochs", "1", `recipes: epochs: unknown setting; did you mean "train.epochs"?`},
		{"optim", "1", `recipes: optim: unknown setting; it is a section: set one of its values, such as "optim.lr"`},
		{"optim.lr", "x", `recipes: optim.lr: "x" is not a number`},
		{"train.epochs", "1e3", `recipes: train.epochs: "1e3" is not a whole number`},
		{"model.layerNorm", "1", `recipes: model.layerNorm: "1" is not true or false`},
	} {
		if err := r.Set(test.path, test.value); err == nil || err.Error() != test.want {
			t.Errorf("got  %v\nwant %s", err, test.want)
		}
	}
}

// TestValidate changes one setting of a preset that is valid.
func TestValidate(t *testing.T) {
	for _, test := range []struct{ preset, path, value, want string }{
		{"csl-grit", "train.batchSize", "0", "recipes: train.batchSize: 0: want at least 1, the number of graphs a step"},
		{"csl-grit", "train.epochs", "0", "recipes: train.epochs: 0: want at least 1"},
		{"csl-grit", "train.evalBatchSize", "-1", "recipes: train.evalBatchSize: -1: want at least 1"},
		{"csl-grit", "train.checkpointSeconds", "-1", "recipes: train.checkpointSeconds: -1: want"},
		{"csl-grit", "optim.lr", "0", "recipes: optim.lr: 0: want a number above 0"},
		{"csl-grit", "optim.eps", "-1", "recipes: optim.eps: -1: want"},
		{"csl-grit", "optim.beta1", "0", "recipes: optim.beta1: 0: want a number between 0 and 1"},
		{"csl-grit", "optim.beta2", "1", "recipes: optim.beta2: 1: want"},
		{"csl-grit", "optim.clip", "-1", "recipes: optim.clip: -1: want 0, which is none, or a number above"},
		{"csl-grit", "optim.weightDecay", "-1", "recipes: optim.weightDecay: -1: want"},
		{"csl-grit", "schedule.warmup", "-1", "recipes: schedule.warmup: -1: want a number of epochs"},
		{"csl-grit", "schedule.warmup", "1000", "recipes: schedule.warmup: 1000 epochs of warm-up leave nothing of train.epochs"},
		{"zinc-grit", "schedule.kind", "constant", "recipes: schedule.warmup: 50: a constant rate has no warm-up"},
		{"csl-grit", "schedule.floor", "2", "recipes: schedule.floor: 2: want a part of the rate"},
		{"csl-grit", "model.dropout", "1", "recipes: model: dropout is 1: want a probability below 1"},
		{"csl-grit", "model.heads", "5", "recipes: model: heads 5 do not divide width"},
		{"csl-grit", "model.outputs", "9", "recipes: model.outputs: 9: csl has 10 classes"},
		{"csl-grit", "model.head", "node", "recipes: model.head: csl asks for a prediction of every graph"},
		{"csl-grit", "loss", "l1", "recipes: loss: l1 does not fit graph classification with 10 outputs: want cross-entropy or soft-cross-entropy or weighted-cross-entropy"},
		{"csl-grit", "loss", "cross-entrop", `recipes: loss: unknown loss "cross-entrop"; did you mean "cross-entropy"?`},
		{"csl-grit", "metric", "mae", "recipes: metric: mae does not measure graph classification"},
		{"csl-grit", "metric", "acuracy", `recipes: metric: unknown metric "acuracy"; did you mean "accuracy"?`},
		{"csl-grit", "data.name", "cls", `recipes: data.name: unknown data set "cls"; did you mean "csl"?`},
		{"csl-grit", "data.name", "", "recipes: data.name: no data set: choose one of bace, bbbp, brec"},
		{"csl-grit", "data.name", "brec", "recipes: data.name: brec has nothing to predict and no training graphs"},
		{"csl-grit", "data.name", "peptides-func", "recipes: loss: cross-entropy does not fit graph multi-label classification with 10 outputs: want binary-cross-entropy"},
		{"csl-grit", "data.protocol", "errica", "recipes: data.protocol: errica: csl has one way of splitting it, default"},
		{"csl-grit", "data.fold", "5", "recipes: data.fold: 5: csl has folds 0 to 4"},
		{"csl-grit", "data.train", "-1", "recipes: data.train: -1: want a number of graphs"},
		{"csl-grit", "name", "a/b", `recipes: name: "a/b" cannot be part of a folder's name`},
		{"csl-grit", "base", "zink", `recipes: base: unknown preset "zink"`},
		{"zinc-grit", "model.outputs", "2", "recipes: model.outputs: 2: zinc has 1 numbers to predict"},
		{"zinc-grit", "loss", "cross-entropy", "recipes: loss: cross-entropy does not fit graph regression with 1 outputs: want l1 or mse"},
		{"pattern-grit", "model.head", "san", "recipes: model.head: pattern asks for a class of every node"},
	} {
		r, err := Lookup(test.preset)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Set(test.path, test.value); err != nil {
			t.Fatal(err)
		}
		if err := r.Validate(); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %s=%s:\n got %v\nwant %s", test.preset, test.path, test.value, err, test.want)
		}
	}
}

func TestSetEpochs(t *testing.T) {
	for _, test := range []struct{ warmup, epochs, to, want int }{
		{50, 2000, 30, 1}, {5, 100, 100, 5}, {2, 25, 3, 0}, {2, 25, 1, 0}, {5, 6, 1, 0}, {5, 100, 200, 10}, {5, 100, 0, 5}, {9, 10, 2, 1},
	} {
		r := Default()
		r.Schedule.Warmup, r.Train.Epochs = test.warmup, test.epochs
		r.SetEpochs(test.to)
		if r.Schedule.Warmup != test.want || r.Train.Epochs != test.to {
			t.Errorf("%+v: warm-up %d of %d epochs", test, r.Schedule.Warmup, r.Train.Epochs)
		}
	}
}
