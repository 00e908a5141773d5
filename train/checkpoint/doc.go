// Package checkpoint keeps the state of a training run in files that survive a kill, a full disk and a power cut: at any
// moment the folder holds the old state or the new one, complete.
//
// # Main types
//
// A [State] is what one checkpoint holds: named tensors (parameters, buffers, optimiser moments) and free strings
// (configuration, step, epoch, random streams). A [Dir] saves states into a run folder under a name, [Last] or [Best], and
// loads them. [Assign] copies the tensors of a state into a model, all or nothing. [WriteFile] writes any other file of a
// run with the same care.
//
//	d := checkpoint.Dir{Path: "runs/zinc"}
//	err := d.Save(checkpoint.Last, &checkpoint.State{Tensors: params, Meta: map[string]string{"step": "120"}})
//	...
//	state, note, err := d.Load(checkpoint.Last)
//	if err != nil {
//		return err
//	}
//	if note != "" {
//		log.Print(note) // an older state had to be taken
//	}
//	err = checkpoint.Assign(params, state, "")
//
// # Files
//
// A checkpoint is one safetensors file that other programs can read, with a checksum for the header and each tensor and
// the format's version under the metadata key "graft.checkpoint". The same state gives the same bytes. A file is written
// beside its place under a temporary name (".last.safetensors.*.tmp"), synced, closed, renamed, and the folder is synced.
// Before the rename the previous last.safetensors becomes last-1.safetensors, and so on up to Dir.Keep files. What a
// killed run left under temporary names is removed by the next save of the same name. One process at a time may write a
// run folder.
//
// A file of this format version is read by all later versions of this package; a newer version is refused by name.
//
// # Errors
//
// Errors name the file and what to do. A damaged file is a *safetensors.FormatError or *safetensors.UnsupportedError, a
// newer format a [*VersionError], a state that does not fit a model a [*Mismatch]; io/fs.ErrNotExist is inside when there
// is no checkpoint. Programming errors panic: a name that cannot be a file name, a tensor that is nil, a model with two
// tensors of one name.
//
// # Imports
//
// safetensors and tensor.
package checkpoint
