// Package train is the training loop: it fits a model to data, reports, saves, survives a kill, and goes on with the same
// bits.
//
// # Main types
//
// A [Task] says what is to be learned: a model, a loss, the [Data] of three splits and the [Metric] that selects the best
// epoch. [Options] say how. [Fit] trains and returns a [Result]; [Resume] goes on with a run that was cut short. [Hooks]
// are told what happens. [Evaluate] and [Predict] use a model without training it; [LoadWeights] reads a checkpoint into
// a model.
//
// # How they meet
//
// Fit shuffles the items of Task.Train for each epoch, has Data prepare batches a little ahead of their use, and at each
// step lets the model and the loss compute a gradient, which optim's AdamW follows after clipping. After each epoch it
// evaluates on Task.Val, adds an [Entry] to the log, and keeps the weights if they are the best so far. At the end the
// model has the best weights, and they are measured on Task.Test once.
//
//	task := train.Task{
//		Model: model, Loss: nn.L1{}, Metric: train.MAE{},
//		Train: trainData, Val: valData, Test: testData,
//	}
//	result, err := train.Fit(ctx, task, train.Options{
//		Epochs: 100, BatchSize: 32, LR: 1e-3, Clip: 1, Seed: 1, Dir: "runs/first",
//	})
//	if errors.Is(err, train.ErrInterrupted) {
//		// train.Resume(ctx, task, options, "runs/first") goes on
//	}
//
// # The same bits
//
// The state of a run between two steps is: parameters and buffers, the optimiser's moments and step counts, the number of
// the step, the best epoch so far, and the sums from which the epoch's line in the log will be made. There is no state of
// random numbers: the order of an epoch follows from Options.Seed and the epoch's number, dropout from the seed and the
// step's number. So a resumed run ends with the same weights, the same results and, times excepted, the same log as one
// that was never cut short, at any number of processors. Only another level of vector instructions gives other bits, and
// Resume warns of it. Evaluation has no influence on training.
//
// # The run folder
//
//   - config.yaml: Options.Config, the configuration of the run; schema.json: Options.Schema, what was read off its data.
//   - log.jsonl: an [Entry] for each epoch. Resume removes the lines of epochs that it will do again.
//   - last.safetensors and the one before it, last-1.safetensors: checkpoints to go on from, written at the start, at the
//     end of each epoch, within it as Options say, and when a run ends early.
//   - best.safetensors: the model at the best epoch.
//   - crash/step-N.safetensors: what is needed to look at a step whose loss or gradient was not finite.
//   - lock: held by the process that trains, so that no other does in the same folder.
//
// Checkpoints have the tensors of the model as model.<path>.
//
// # Errors
//
// Options and tasks that make no sense are errors that say what to do. An ended context gives [ErrInterrupted], a folder
// that has a run [ErrRunExists], a loss or gradient that is not finite a [*NonFiniteError] (see [OnNaN]). What data, hooks
// and checkpoints return comes back wrapped, with the epoch and step. When Fit or Resume returns an error, all steps done
// are in the run folder. Predictions and targets of shapes that do not fit panic, and what a model or a Prepare panics
// with comes through.
//
// # Imports
//
// tensor, nn, optim, train/checkpoint, safetensors, internal/simd for the name of the instruction level, internal/nearest, internal/splitmix.
package train
