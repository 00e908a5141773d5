// Package recipes binds what an experiment consists of into one value: data set,
// model, loss, metric, optimiser, schedule and loop. A recipe can be a preset, come
// from YAML, be changed by path, and be built into what train wants.
//
// # Main types
//
//   - [Recipe] is the experiment. [ZINCGRIT], [CSLGRIT] and the others return
//     filled ones, [Lookup] and [All] find them by name, [Parse] reads YAML and
//     [Recipe.Marshal] writes it, [Recipe.Set] changes "optim.lr".
//   - [Recipe.Plan] loads data and makes the model: a train.Task and train.Options,
//     and for files the schema that goes with the run; [Recipe.Build] is its short form.
//   - [Trained] is a model that [Open] read from a run folder.
//   - [Memory] is what [Plan.Memory] predicts of a run, [Footprint] what it is predicted from.
//
// # Use
//
//	r := recipes.ZINCGRIT()
//	if err := r.Set("train.epochs", "30"); err != nil {
//		return err
//	}
//	task, options, err := r.Build(ctx, "data/zinc12k")
//	if err != nil {
//		return err
//	}
//	options.Dir = "runs/zinc"
//	result, err := train.Fit(ctx, task, options)
//
// # Files
//
// Data comes from a data set that has a name, or from files: then Data.Kind says what
// they are and Data.Files (files.Options) what is in them, [FILESGRIT] is a model to
// start from, and Plan fills in what follows from the files: the model's inputs and
// outputs, loss and metric. Errors are told in the units of the files.
//
// # Graphs, tables, images and movement
//
// What there is to learn from is a domain: graphs, tables, images, or movement. A domain says which
// settings of data there are, loads data and fills in what it decides, puts it together with a
// model, and says what is to be kept with a run. Tables are those of a data set of questions (Data.Kind
// [TableSet], package datasets/tableqa), or one of one's own whose rows are classified
// ([TableFile], package datasets/records); their models are decoders (package tables/decoder),
// and the tokenizer is kept with the run. [TableRows] is a model to start from for rows,
// [Trained.PredictRows] uses it, and [Trained.Judge] has answers to questions judged.
//
// Images are those of a data set ([ImageSet], package datasets/imagesets), or files of one's
// own ([ImageFiles]); their models are classifiers of package vision, and names of classes,
// the size of images, means and deviations are kept with the run ([ImageSchema]). [ImagesViT]
// and [ImagesCSWin] are models to start from for one's own, [Trained.PredictImages] uses it, and
// [Trained.Relevance] maps what it looks at.
//
// Movement is that of a data set ([MotionSet], package datasets/clips), or of files of one's own
// ([MotionFiles]); its model is the motion tokenizer of package motion/tokenizer, which makes
// clips into tokens and back. Clips are brought to one place and rate, learned from in windows
// and tested on in full length; skeleton, rate and unit are kept with the run ([MotionSchema]).
// [ClipsMotion4DMoT] is a model to start from for one's own, [Trained.ReadClip] reads a clip as
// the model wants it, [Trained.Tokenizer] is the model, and [Trained.Reconstruct] tells clip by
// clip how they come back.
//
// # Large graphs
//
// A model of all pairs of nodes takes memory in the square of the nodes. Data.Neighbours cuts
// graphs whose nodes are classified into neighbourhoods, which [Trained.Predict] does too.
// What a run takes is known before it begins: [Model.Footprint] measures the model on small
// graphs, whatever its kind and settings, and [Memory.Check] refuses what is too much.
//
// # Adding a model
//
// A kind of model is a constant of [Kind] with a line in modelKinds, a field of [Model], and
// a file that implements the unexported interface configuration, as grit.go does; one that
// reads something else than there is, an implementation of the interface domain beside it. Settings of
// its configuration are found by their yaml tags. What a model reads of graphs and predicts it
// says as a features.Config, so that a schema and a data set fit it as they fit any kind.
//
// # Errors
//
// YAML that cannot be understood is a [*ParseError] with line and column; a
// setting that no run can be made with is a [*SettingError] with its path. Both
// name the nearest known word where one was mistyped. A run that would take too much
// memory is a [*MemoryError]. Errors of data and of checkpoints are those of datasets and
// train.
//
// # Imports
//
// Everything below the command except report: train, grit, datasets, datasets/files,
// datasets/records, datasets/tableqa, datasets/imagesets, datasets/clips, graphs,
// graphs/features, graphs/gps, graphs/neighbours, tables, tables/classify, tables/decoder,
// vision, vision/cswin, vision/images, motion, motion/tokenizer, motion/reconstruction,
// tokenize, optim, nn, tensor, internal packages.
package recipes
