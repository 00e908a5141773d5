// Package benchmark makes tables of results: models against data sets, each trained with several seeds on equal terms, beside
// published figures. It is what "graft bench results" does.
//
// # Main types
//
//   - [Grid] is what is to be trained: data sets, models, seeds, folds, and what all trainings have in common.
//     [Grid.Cells] lists the trainings, [Grid.Run] does those that are not done yet.
//   - [Cell] is one training: a model on a data set with a seed, with one fold held out. [Recipe] says how a model is
//     trained on a data set, [Models] which models there are.
//   - [Result] is what came of it. [Read] gives those that a folder has.
//   - [Row] is a model on a data set, over all seeds and folds, a line of the table; [Rows] makes them.
//   - [Figure] is a published result; [Published] lists those of a data set, [Row.Published] is the one of the row's model.
//
// # How they meet
//
//	grid := benchmark.Grid{
//		Datasets: []string{"csl", "zinc"}, Models: []string{"grit"},
//		Seeds: []uint64{1, 2, 3}, Epochs: 30, Data: "data", Dir: "runs/results",
//	}
//	results, err := grid.Run(ctx)
//	if err != nil {
//		return err
//	}
//	for _, r := range benchmark.Rows(results) {
//		fmt.Println(r.Dataset, r.Model, r.Test.Value, r.Test.Spread)
//	}
//
// # How a cell is trained
//
// By the preset called DATASET-MODEL, where there is one. A baseline without a preset is made of the data set's GPS, with the
// same layers, width and training; and a model of which the data set has no preset is a small one; see [Recipe]. A cell is a run as graft train makes it: it can be resumed, evaluated and used for prediction
// alone. The best epoch is chosen on the validation split, and the test split is looked at once, at the end.
//
// Equal terms are for the caller to set: Grid.Epochs gives all the same number, and Grid.Settings whatever else is to be
// alike, such as the width. Presets are the papers', of different sizes.
//
// # The folder
//
// A cell has the run folder DIR/DATASET/MODEL/seed-S, or seed-S-fold-F where the data set has folds. The last thing
// written there is result.json; a cell without it is gone on with, from its last checkpoint and to the same bits. A cell
// that was trained with other settings than are asked for is never mixed in, nor overwritten unless that is asked for.
// Grids may share a folder.
//
// # Means and spreads
//
// With several seeds, mean and sample standard deviation are over seeds; where there are folds, a seed counts with the mean
// over its folds. With one seed and several folds they are over the folds. Accuracies and the like are parts of one.
//
// # Errors
//
// A name that is not known is an [*UnknownError] with the nearest, a setting that no run can be made with a
// *recipes.SettingError, a cell with other settings a [*ConflictError]. All of these, and missing data, are told before
// anything is trained. A result that cannot be read names its file. The end of a context is train.ErrInterrupted, with
// everything saved.
//
// # Imports
//
// recipes, train, train/checkpoint, graphs/gps, grit, encodings/joined, datasets, nn, internal/nearest and internal/simd.
package benchmark
