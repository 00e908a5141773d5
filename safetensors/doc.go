// Package safetensors reads and writes the safetensors format: named arrays in one file, behind a JSON header that says
// where each lies. Readers of this format are often lenient where a wrong or hostile file can hurt; this one checks
// everything before it hands out the first number, and allocates nothing by an unchecked number from the file.
//
// # Main types
//
// A [File], from [Open] or [NewReader], knows the names, types, shapes and metadata of a file; the values of a tensor are
// read when they are asked for ([File.Float32], [File.Int64], [File.Float64], [File.Bytes]). A [Tensor] is what the
// writers take: [Write], and [WriteChecked] which adds checksums. A [DType] is the type of the elements as the format
// names it ("F32").
//
//	f, err := safetensors.Open("model.safetensors", safetensors.Options{})
//	if err != nil {
//		return err
//	}
//	defer f.Close()
//	for _, name := range f.Names() {
//		values, shape, err := f.Float32(name)
//		if err != nil {
//			return err
//		}
//		use(name, values, shape)
//	}
//
// # What is checked
//
// The header's length against the limit ([Options].MaxHeader) and the file's size before memory is taken; that the header
// is UTF-8, one JSON object, padded by blanks only; that no key stands twice at any level, also not in two spellings; that
// each entry has exactly dtype, shape and data_offsets, of known type, with whole numbers from 0 to 2^53; that the bytes
// of a tensor are the product of its shape, computed without overflow; that the tensors lie one after another from the
// first data byte to the last of the file, without gap, overlap or trailing bytes (an empty tensor may lie only where one
// tensor ends and the next begins); that the metadata are strings. A shape has 64 dimensions at most. Opening a file takes
// at most twice the header's length of memory, and 1 MiB.
//
// # Order and stability of written files
//
// The same tensors and metadata give the same bytes: tensors by element size, largest first, then by name, metadata by
// key, no blanks but those that pad the header to a multiple of 8 bytes. The readers of other libraries accept the files.
//
// # Checksums
//
// [WriteChecked] adds CRC-32C sums (Castagnoli, 8 lower-case hexadecimal digits) to the metadata, which other readers see
// as ordinary strings:
//   - "crc32c.NAME" is the sum of the data bytes of the tensor called NAME;
//   - "crc32c" is the sum of the header with its 8 length bytes and its padding, computed with the value of this very key
//     set to "00000000".
//
// Where a file has one of them it must have all. They are verified on reading: the header's in [Open], a tensor's whenever
// its values are read, and all of them by [File.Verify]. They do not show in [File.Metadata].
//
// # Errors
//
// [*FormatError] means that the file is not a valid safetensors file or was damaged ([ErrChecksum] is inside when a sum
// says so), [*UnsupportedError] that it is well formed but asks for something that is not done here, or not done without
// being asked: an unknown dtype, a header above the limit, a conversion. Both name the file, the tensor where there is one
// (else "header"), and what to do. [ErrNoTensor] is inside when a name does not exist. Nothing panics on a file's content.
//
// # Imports
//
// The standard library only.
package safetensors
