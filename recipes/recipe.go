package recipes

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/datasets/files"
	"github.com/graft-ml/graft/datasets/records"
	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/motion/tokenizer"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/train"
	"github.com/graft-ml/graft/vision/cswin"
)

// Recipe is a whole experiment: which data, which model, what is minimised and
// reported, and how. It is a plain value; [Default] and the presets give filled
// ones, [Parse] reads one from YAML, [Recipe.Set] changes one setting by path.
type Recipe struct {
	// Name names run folders.
	Name string `yaml:"name"`
	// About says in a sentence what the recipe is for.
	About string `yaml:"about"`
	// Base is the preset that the recipe started from; empty: none.
	Base string `yaml:"base"`
	// Data chooses the data set.
	Data Data `yaml:"data"`
	// Model describes the model.
	Model Model `yaml:"model"`
	// Loss is what training minimises, by its name in nn: l1, cross-entropy and others.
	// Where data comes from files it may be left to the task.
	Loss string `yaml:"loss"`
	// Metric is what is reported and what selects the best epoch, by its name in train.
	// Where data comes from files it may be left to the task.
	Metric string `yaml:"metric"`
	// Optim sets the AdamW optimiser.
	Optim Optim `yaml:"optim"`
	// Schedule moves the learning rate as training goes on.
	Schedule Schedule `yaml:"schedule"`
	// Train sets the loop.
	Train Train `yaml:"train"`
}

// DataKind says what there is to learn from, and where it comes from.
type DataKind int

// The kinds of data. Of graphs: a data set that has a name, or files of the kinds of package
// files: a table of molecules, tables of edges and nodes, GraphML, graph6, JSON Lines. Of
// tables: a data set of questions that has a name, or a table of one's own whose rows are
// classified. Of images: a data set that has a name, or image files of one's own. Of
// movement: a data set that has a name, or clips of one's own.
const (
	NamedSet DataKind = iota
	CSVFile
	GraphTables
	GraphMLFile
	Graph6File
	JSONLinesFile
	TableSet
	TableFile
	ImageSet
	ImageFiles
	MotionSet
	MotionFiles
)

// Data chooses a data set, or files, and what of it is used. In YAML and in paths the
// kind decides which settings there are: name and fold of a data set, files of files of
// graphs, questions and table of tables, images of images, motion of clips of movement.
type Data struct {
	// Kind is what there is, and where it comes from.
	Kind DataKind `yaml:"kind"`
	// Name is that of a data set; the command "graft datasets list" lists them.
	Name string `yaml:"name"`
	// Dir is the folder with the data set's files, or that which the paths of files start
	// from. Generated data sets need none.
	Dir string `yaml:"dir"`
	// Fold is the cross-validation fold that is held out, from 0, for data sets that have folds.
	Fold int `yaml:"fold"`
	// Protocol is the rule that cuts a set into splits, where it has several.
	Protocol datasets.Protocol `yaml:"protocol"`
	// Seed is that of generated data sets and random splits: the same seed, the same graphs.
	Seed uint64 `yaml:"seed"`
	// Standardise makes the numbers that are to be predicted of a named data set ones of
	// mean 0 and standard deviation 1 over the training split. Scores and predictions are
	// in the units of the data all the same. Targets of files always are standardised.
	Standardise bool `yaml:"standardise"`
	// Train, Val and Test use only so many graphs, questions, rows or clips from the beginning
	// of a split, or images from all over it; 0 uses all.
	Train int `yaml:"train"`
	Val   int `yaml:"val"`
	Test  int `yaml:"test"`
	// Neighbours cuts large graphs into neighbourhoods of their nodes.
	Neighbours Neighbours `yaml:"neighbours"`
	// Files are the files and what their columns mean, where Kind is not a data set.
	Files files.Options `yaml:"files"`
	// Questions say how a data set of tables is learned, where Kind is TableSet.
	Questions Questions `yaml:"questions"`
	// Table is a table and what its columns mean, where Kind is TableFile.
	Table records.Options `yaml:"table"`
	// Images say where images are and what becomes of them, where Kind is ImageSet or ImageFiles.
	Images Images `yaml:"images"`
	// Motion says where clips are and what becomes of them, where Kind is MotionSet or MotionFiles.
	Motion Motion `yaml:"motion"`
}

// Kind is a kind of model.
type Kind int

// The kinds: GRIT is the graph transformer with relative random-walk probabilities, GPS
// the one with message passing, and what is made of parts of its layers; TableDecoder is a
// decoder that reads tables; VisionTransformer and CrossShaped (CSWin) are transformers of images;
// MotionTokenizer (4DMoT) makes movement into tokens.
const (
	GRIT Kind = iota
	GPS
	TableDecoder
	VisionTransformer
	CrossShaped
	MotionTokenizer
)

// Model is a kind of model and the configuration of that kind. In YAML and in
// paths the fields of the configuration stand beside the kind: model.layers.
type Model struct {
	Kind Kind        `yaml:"kind"`
	GRIT grit.Config `yaml:"-"` // where Kind is GRIT
	GPS  gps.Config  `yaml:"-"` // where Kind is GPS
	// Table is the configuration where Kind is TableDecoder.
	Table decoder.Config `yaml:"-"`
	ViT   ViT            `yaml:"-"` // where Kind is VisionTransformer
	CSWin cswin.Config   `yaml:"-"` // where Kind is CrossShaped
	// FourDMoT is the configuration where Kind is MotionTokenizer; Joints of 0 are those of the data.
	FourDMoT tokenizer.Config `yaml:"-"`
}

// Optim sets the AdamW optimiser and clipping.
type Optim struct {
	// LR is the learning rate that the schedule scales.
	LR float64 `yaml:"lr"`
	// WeightDecay is decoupled and applies to all parameters; 0 is none.
	WeightDecay float64 `yaml:"weightDecay"`
	// Beta1 and Beta2 are the decay rates of the two moments.
	Beta1 float64 `yaml:"beta1"`
	Beta2 float64 `yaml:"beta2"`
	// Eps is added to the root of the second moment.
	Eps float64 `yaml:"eps"`
	// Clip limits the norm of the whole gradient; 0 does not.
	Clip float64 `yaml:"clip"`
}

// ScheduleKind is a shape of learning-rate schedule.
type ScheduleKind int

// The shapes: half a cosine down to zero or a line down to zero, both after a
// linear warm-up, or a constant.
const (
	Cosine ScheduleKind = iota
	Linear
	Constant
)

// Schedule moves the learning rate, once an epoch or at every step.
type Schedule struct {
	// Kind is the shape.
	Kind ScheduleKind `yaml:"kind"`
	// Warmup is the number of epochs over which the rate rises to its full height.
	Warmup int `yaml:"warmup"`
	// Floor is the part of the rate that a cosine ends at rather than at 0.
	Floor float64 `yaml:"floor"`
	// EveryStep moves the rate at every step, along straight lines between the rates of
	// epochs, for trainings of few epochs; see train.Options.
	EveryStep bool `yaml:"everyStep"`
}

// Train sets the training loop.
type Train struct {
	// Epochs is the number of passes over the training split.
	Epochs int `yaml:"epochs"`
	// BatchSize is the number of graphs, or other items, in a training step.
	BatchSize int `yaml:"batchSize"`
	// EvalBatchSize is the number of them in a batch of evaluation. Results do not depend on it.
	EvalBatchSize int `yaml:"evalBatchSize"`
	// Seed fixes first weights, dropout and the order of the data.
	Seed uint64 `yaml:"seed"`
	// CheckpointSeconds is the time between checkpoints inside an epoch. One is
	// written after every epoch in any case; 0 writes no others.
	CheckpointSeconds float64 `yaml:"checkpointSeconds"`
	// OnNaN says what happens when loss or gradient are not finite.
	OnNaN train.OnNaN `yaml:"onNaN"`
}

// Default is what a configuration file without a base starts from: the settings
// that all experiments of the GRIT paper share. Data set, loss and metric have no
// default.
func Default() Recipe {
	return Recipe{
		Model:    Model{Kind: GRIT, GRIT: grit.Config{}.WithDefaults()},
		Optim:    Optim{LR: 1e-3, WeightDecay: 1e-5, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, Clip: 1},
		Schedule: Schedule{Kind: Cosine, Warmup: 5},
		Train:    Train{Epochs: 100, BatchSize: 32, EvalBatchSize: 32, Seed: 1, CheckpointSeconds: 60, OnNaN: train.Stop},
	}
}
