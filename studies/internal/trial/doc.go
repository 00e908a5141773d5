// Package trial does what the studies of models have in common: it trains a model for each cell of a study, goes on
// where a training was left and ends with the same bits as one that never was, and keeps settings and results in a
// folder.
//
// A [Training] is a model in the making, by a [Plan]. A [Folder] has the settings of a study in study.yaml, a line for
// each cell that is done in cells.jsonl, and below unfinished the trainings at work; [Folder.Do] does one. [FillCells] goes
// through the cells. Results are the study's own: the folder hands it their lines to read and writes what it is given.
//
// Nothing about training is drawn from a running stream: batches follow from the number of the step, dropout from seed
// and step. So parameters, moments and a few numbers are all that going on needs.
//
// # Errors
//
// Errors have no prefix, which is the study's to give. They name the file, the line or the step and say what to do.
//
// # Imports
//
// train/checkpoint, optim, nn and tensor.
package trial
