// Package unpickle reads pickles of plain data: lists, dicts, strings, numbers, arrays of
// numpy, sparse matrices of scipy and tensors of PyTorch. It runs no code of a pickle:
// only the few classes named here are known, any other is an error.
//
// # Main types
//
//   - [Decode] reads a pickle of any length, which it goes through twice; [DecodeBytes]
//     reads one in memory.
//   - What they give is nil, bool, int, float64, string (also for the byte strings of
//     Python), [List], [Tuple], [Dict], [*Array] or [*Sparse].
//
// # Use
//
//	value, err := unpickle.Decode(ctx, func() (io.ReadCloser, error) { return os.Open(path) }, unpickle.Limits{})
//	if err != nil {
//		return err
//	}
//	for _, e := range value.(unpickle.Dict) {
//		fmt.Println(e.Key, e.Value)
//	}
//
// # What is read
//
// Pickles of protocols 0 to 5 without out-of-band buffers. The work of the opcodes is that
// of github.com/nlpodyssey/gopickle; a guard goes before it, which reads every opcode
// with its argument first, so that no length of the pickle is believed before the bytes
// are there, and lets only those through that plain data needs. Of the values that a
// pickle memoises the guard keeps those that it refers to again, which is what makes a
// pickle of hundreds of thousands of tensors fit into memory; hence the two readings.
//
// Tensors come in the form that pickling them one by one gives (torch.storage.
// _load_from_bytes around a file of torch.save in its old form), not in that of a file of
// torch.save itself. Integers are kept in the smallest type that holds an array's values.
//
// # Errors
//
// Everything that is wrong with a pickle is an [*Error] with the place in the stream; the
// context's error and those of reading come as they are. Nothing panics.
//
// # Imports
//
// Nothing of the house.
package unpickle
