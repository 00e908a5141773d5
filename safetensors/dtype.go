package safetensors

// DType is the type of a tensor's elements, as the format spells it. All values are little-endian.
type DType string

// The element types of the format.
const (
	Bool   DType = "BOOL"
	U8     DType = "U8"
	I8     DType = "I8"
	U16    DType = "U16"
	I16    DType = "I16"
	U32    DType = "U32"
	I32    DType = "I32"
	U64    DType = "U64"
	I64    DType = "I64"
	F16    DType = "F16"
	BF16   DType = "BF16"
	F32    DType = "F32"
	F64    DType = "F64"
	C64    DType = "C64"     // two float32
	F8E5M2 DType = "F8_E5M2" // the 8, 6 and 4 bit floats are read and written as bytes only
	F8E4M3 DType = "F8_E4M3"
	F8E8M0 DType = "F8_E8M0"
	F6E2M3 DType = "F6_E2M3"
	F6E3M2 DType = "F6_E3M2"
	F4     DType = "F4"
)

// Bits returns the size of one element in bits, 0 for a type that the format does not have. Only the 4 and 6 bit floats
// are not a multiple of 8; a tensor of them must fill whole bytes.
func (d DType) Bits() int {
	switch d {
	case Bool, U8, I8, F8E5M2, F8E4M3, F8E8M0:
		return 8
	case U16, I16, F16, BF16:
		return 16
	case U32, I32, F32:
		return 32
	case U64, I64, F64, C64:
		return 64
	case F6E2M3, F6E3M2:
		return 6
	case F4:
		return 4
	}
	return 0
}

// known returns the constant that equals the text, so that the header's memory is not kept for it.
func known(text []byte) (DType, bool) {
	for _, d := range [...]DType{F32, I64, F64, BF16, F16, Bool, U8, I8, U16, I16, U32, I32, U64, C64, F8E5M2, F8E4M3, F8E8M0, F6E2M3, F6E3M2, F4} {
		if string(text) == string(d) {
			return d, true
		}
	}
	return "", false
}
