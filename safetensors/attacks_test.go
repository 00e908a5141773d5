package safetensors

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// assemble returns a file of a header text and data bytes.
func assemble(text string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(text)))
	b = append(b, text...)
	for i := range data {
		b = append(b, byte(i))
	}
	return b
}

// attack is a file that must be refused, and part of the answer.
type attack struct {
	name string
	file []byte
	want string
}

// one returns a header of one tensor "a" with this entry.
func one(entry string) string { return `{"a":` + entry + `}` }

func attacks() []attack {
	length := func(n uint64) []byte { return append(binary.LittleEndian.AppendUint64(nil, n), "{}"...) }
	good := `{"dtype":"F32","shape":[2],"data_offsets":[0,8]}`
	pair := func(b string) string { return `{"a":` + good + `,"b":` + b + `}` }
	return []attack{
		// The length and the text around the JSON.
		{"empty file", nil, "header: the file has 0 bytes, fewer than the 8"},
		{"seven bytes", make([]byte, 7), "header: the file has 7 bytes"},
		{"length beyond the file", length(3), "header: its stated length of 3 bytes does not fit in the file, which has 2 more"},
		{"length 2^63", length(1 << 63), "does not fit in the file"},
		{"length 2^64-1", length(math.MaxUint64), "does not fit in the file"},
		{"length 2^64-8, wraps with the 8", length(math.MaxUint64 - 7), "does not fit in the file"},
		{"length 0", append(length(0), "{}"...), "header: the JSON text does not begin with '{'"},
		{"begins with a blank", assemble(` {}`, 0), "does not begin with '{'"},
		{"a list", assemble(`[]`, 0), "does not begin with '{'"},
		{"byte order mark", assemble("\ufeff{}", 0), "does not begin with '{'"},
		{"not UTF-8 in a name", assemble("{\"a\xff\":"+good+"}", 8), "header: byte 3: not UTF-8"},
		{"UTF-8 surrogate", assemble("{\"\xed\xa0\x80\":"+good+"}", 8), "header: byte 2: not UTF-8"},
		{"overlong UTF-8", assemble("{\"\xc0\xaf\":"+good+"}", 8), "not UTF-8"},
		{"text cut", assemble(`{"a":{"dtype":"F32"`, 0), "the JSON text ends inside a list or object"},
		{"text cut in a string", assemble(`{"a`, 0), "byte 3: the JSON text ends inside a string"},
		{"text cut before a value", assemble(`{"a":`, 0), `tensor "a": its entry in the header is not an object`},
		{"two objects", assemble(`{}{}`, 0), "byte 2: only blanks may follow the JSON text, found '{'"},
		{"padded by newlines", assemble("{}\n\n", 0), "only blanks may follow"},
		{"padded by zeros", assemble("{}\x00\x00", 0), `only blanks may follow the JSON text, found '\x00'`},
		{"trailing comma", assemble(`{"a":`+good+`,}`, 8), `expected '"', found '}'`},
		{"key without quotes", assemble(`{a:`+good+`}`, 8), `byte 1: expected '"', found 'a'`},
		{"no colon", assemble(`{"a" `+good+`}`, 8), "expected ':', found '{'"},
		{"no comma", assemble(`{"a":`+good+` "b":`+good+`}`, 8), `expected ',' or '}', found '"'`},
		{"control character in a name", assemble("{\"a\n\":"+good+"}", 8), "byte 3: control character in a string"},
		{"bad escape", assemble(`{"\x":`+good+`}`, 8), "byte 2: bad escape in a string"},
		{"bad hexadecimal", assemble(`{"\u00g0":`+good+`}`, 8), "bad escape in a string"},
		{"lone surrogate", assemble(`{"\ud800":`+good+`}`, 8), "bad escape in a string"},
		{"two high surrogates", assemble(`{"\ud800\ud800":`+good+`}`, 8), "bad escape in a string"},
		{"escape cut", assemble(`{"\`, 0), "bad escape in a string"},
		{"comment", assemble(`{/**/}`, 0), `expected '"', found '/'`},
		// Duplicate keys at each level, also in two spellings.
		{"tensor twice", assemble(`{"a":`+good+`,"a":`+good+`}`, 8), `tensor "a": the header names this tensor twice`},
		{"tensor twice, escaped", assemble(`{"ab":`+good+`,"c":`+good+`,"a\u0062":`+good+`}`, 8), `tensor "ab": the header names this tensor twice`},
		{"metadata twice", assemble(`{"__metadata__":{},"__metadata__":{}}`, 0), "header: the key __metadata__ stands twice"},
		{"metadata twice, escaped", assemble(`{"__metadata__":{},"\u005f_metadata__":{}}`, 0), "header: the key __metadata__ stands twice"},
		{"metadata key twice", assemble(`{"__metadata__":{"k":"1","j":"3","k":"2"}}`, 0), `header: the metadata have the key "k" twice`},
		{"field twice", assemble(one(`{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}`), 8), `tensor "a": the field "dtype" stands twice`},
		{"field twice, escaped", assemble(one(`{"dtype":"F32","shape":[2],"sh\u0061pe":[2],"data_offsets":[0,8]}`), 8), `tensor "a": the field "shape" stands twice`},
		{"offsets twice", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]}`), 8), `the field "data_offsets" stands twice`},
		// Entries.
		{"metadata is a list", assemble(`{"__metadata__":[]}`, 0), "header: __metadata__ is not an object of strings"},
		{"metadata is null", assemble(`{"__metadata__":null}`, 0), "header: __metadata__ is not an object of strings"},
		{"metadata value is a number", assemble(`{"__metadata__":{"k":1}}`, 0), `header: the metadata value of "k" is not a string`},
		{"metadata value is an object", assemble(`{"__metadata__":{"k":{}}}`, 0), `the metadata value of "k" is not a string`},
		{"entry is null", assemble(one(`null`), 0), `tensor "a": its entry in the header is not an object`},
		{"no dtype", assemble(one(`{"shape":[2],"data_offsets":[0,8]}`), 8), `tensor "a": its entry has no dtype`},
		{"no shape", assemble(one(`{"dtype":"F32","data_offsets":[0,8]}`), 8), `tensor "a": its entry has no shape`},
		{"no offsets", assemble(one(`{"dtype":"F32","shape":[2]}`), 8), `tensor "a": its entry has no data_offsets`},
		{"unknown field", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}`), 8), `tensor "a": unknown field "x"`},
		{"unknown dtype", assemble(one(`{"dtype":"F128","shape":[2],"data_offsets":[0,8]}`), 8), `tensor "a": unknown dtype "F128"`},
		{"lower-case dtype", assemble(one(`{"dtype":"f32","shape":[2],"data_offsets":[0,8]}`), 8), `unknown dtype "f32"`},
		{"dtype is a number", assemble(one(`{"dtype":32,"shape":[2],"data_offsets":[0,8]}`), 8), `tensor "a": dtype is not a string`},
		{"dtype cut", assemble(one(`{"dtype":"F3`), 0), "the JSON text ends inside a string"},
		{"shape is a number", assemble(one(`{"dtype":"F32","shape":2,"data_offsets":[0,8]}`), 8), `tensor "a": shape is not a list of whole numbers`},
		{"offsets are an object", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":{}}`), 8), "data_offsets is not a list of two whole numbers"},
		{"one offset", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[0]}`), 8), "data_offsets has 1 numbers"},
		{"three offsets", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}`), 8), "data_offsets has 3 numbers"},
		// Numbers.
		{"negative dimension", assemble(one(`{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}`), 8), `tensor "a": shape: byte 29: negative number`},
		{"two negative dimensions", assemble(one(`{"dtype":"F32","shape":[-1,-2],"data_offsets":[0,8]}`), 8), "negative number"},
		{"minus zero", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[-0,8]}`), 8), `data_offsets: byte 48: negative number`},
		{"fraction", assemble(one(`{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}`), 8), "number with a fraction or exponent"},
		{"exponent", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[0,8e0]}`), 8), "number with a fraction or exponent"},
		{"leading zero", assemble(one(`{"dtype":"F32","shape":[02],"data_offsets":[0,8]}`), 8), "number with a leading zero"},
		{"2^53+1", assemble(one(`{"dtype":"U8","shape":[9007199254740993],"data_offsets":[0,9007199254740993]}`), 8), "number above 2^53"},
		{"2^64", assemble(one(`{"dtype":"U8","shape":[0],"data_offsets":[0,18446744073709551616]}`), 0), "number above 2^53"},
		{"a hundred digits", assemble(one(`{"dtype":"U8","shape":[`+strings.Repeat("9", 100)+`],"data_offsets":[0,8]}`), 8), "number above 2^53"},
		{"dimension is a string", assemble(one(`{"dtype":"F32","shape":["2"],"data_offsets":[0,8]}`), 8), `expected a whole number, found '"'`},
		{"number cut", assemble(`{"a":{"shape":[`, 0), "the JSON text ends where a number is expected"},
		// Sizes.
		{"product overflows 64 bits", assemble(one(`{"dtype":"F32","shape":[4294967296,4294967296,1],"data_offsets":[0,8]}`), 8), `tensor "a": the product of its shape overflows`},
		{"product wraps to 1", assemble(one(`{"dtype":"U8","shape":[274177,67280421310721,1],"data_offsets":[0,1]}`), 1), "the product of its shape overflows"},
		{"bytes overflow where elements do not", assemble(one(`{"dtype":"F64","shape":[2147483648,1073741824,8],"data_offsets":[0,8]}`), 8), "the product of its shape overflows"},
		{"overflow hidden by a zero", assemble(one(`{"dtype":"U8","shape":[4294967296,4294967296,4294967296,0],"data_offsets":[0,0]}`), 0), "the product of its shape overflows"},
		{"shape larger than the data", assemble(one(`{"dtype":"F32","shape":[3],"data_offsets":[0,8]}`), 8), "its shape needs 12 bytes of F32, its data_offsets [0, 8] hold 8"},
		{"shape smaller than the data", assemble(one(`{"dtype":"F32","shape":[1],"data_offsets":[0,8]}`), 8), "its shape needs 4 bytes of F32"},
		{"scalar needs an element", assemble(one(`{"dtype":"F32","shape":[],"data_offsets":[0,0]}`), 0), "its shape needs 4 bytes"},
		{"half a byte", assemble(one(`{"dtype":"F4","shape":[3],"data_offsets":[0,2]}`), 2), "3 elements of F4 do not fill whole bytes"},
		{"65 dimensions", assemble(one(`{"dtype":"U8","shape":[1`+strings.Repeat(",1", 64)+`],"data_offsets":[0,1]}`), 1), "shape of more than 64 dimensions"},
		// Places.
		{"ends before it begins", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[8,0]}`), 8), `tensor "a": data_offsets [8, 0] end before they begin`},
		{"does not start at 0", assemble(one(`{"dtype":"F32","shape":[2],"data_offsets":[4,12]}`), 12), `tensor "a": the first tensor's data begin at offset 4, not at 0`},
		{"beyond the end", assemble(one(good), 7), `tensor "a": its data end at offset 8, but the file holds 7 data bytes`},
		{"far beyond the end", assemble(one(`{"dtype":"U8","shape":[9007199254740992],"data_offsets":[0,9007199254740992]}`), 8), "its data end at offset 9007199254740992"},
		{"trailing byte", assemble(one(good), 9), "header: 1 bytes follow the last tensor's data, which end at offset 8 of 9"},
		{"data without tensors", assemble(`{}`, 3), "header: 3 bytes follow"},
		{"gap", assemble(pair(`{"dtype":"F32","shape":[1],"data_offsets":[12,16]}`), 16), `tensor "b": its data begin at offset 12, but the tensor before ends at 8`},
		{"overlap", assemble(pair(`{"dtype":"F32","shape":[2],"data_offsets":[4,12]}`), 12), `tensor "b": its data at offsets [4, 12] overlap those of tensor "a", which end at 8`},
		{"same place", assemble(pair(good), 8), `overlap those of tensor "a"`},
		{"hidden inside another", assemble(pair(`{"dtype":"F32","shape":[1],"data_offsets":[4,8]}`), 8), `overlap those of tensor "a"`},
		{"empty inside another", assemble(pair(`{"dtype":"F32","shape":[0],"data_offsets":[4,4]}`), 8), `tensor "b": its data at offsets [4, 4] overlap`},
		{"empty beyond the end", assemble(pair(`{"dtype":"F32","shape":[0],"data_offsets":[12,12]}`), 8), `tensor "b": its data begin at offset 12`},
		{"empty with bytes", assemble(one(`{"dtype":"F32","shape":[0],"data_offsets":[0,4]}`), 4), "its shape needs 0 bytes of F32"},
		// Checksums that were tampered with.
		{"checksum of one of two", assemble(`{"__metadata__":{"crc32c.a":"00000000"},"a":`+good+`}`, 8), "header: the checksum of the header is missing, tensors have theirs"},
		{"wrong header checksum", assemble(`{"__metadata__":{"crc32c":"00000000"}}`, 0), `stated is "00000000": checksum does not match`},
		{"header checksum of another length", assemble(`{"__metadata__":{"crc32c":"0"}}`, 0), `stated is "0"`},
	}
}

// TestAttacks holds that each hostile file is refused by name.
func TestAttacks(t *testing.T) {
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			f, err := openBytes(a.file, Options{})
			if err == nil {
				t.Fatalf("accepted: %v", f.Names())
			}
			if !strings.Contains(err.Error(), a.want) {
				t.Errorf("error %q, want %q in it", err, a.want)
			}
			var malformed *FormatError
			var unsupported *UnsupportedError
			if !errors.As(err, &malformed) && !errors.As(err, &unsupported) {
				t.Errorf("error of type %T", err)
			}
			if !strings.Contains(err.Error(), "header: ") && !strings.Contains(err.Error(), "tensor ") {
				t.Errorf("error %q says neither header nor tensor", err)
			}
		})
	}
}

// TestAccepted holds what is unusual and yet right.
func TestAccepted(t *testing.T) {
	long := strings.Repeat("n", 1000)
	tests := []struct {
		name, text string
		data       int
		names      []string
	}{
		{"no tensors", `{}`, 0, []string{}},
		{"padded", `{}      `, 0, []string{}},
		{"white space inside", "{ \"a\" :\t{\r\n\"dtype\":\"U8\",\"shape\":[ 1 , 2 ],\"data_offsets\":[ 0 ,2] } }", 2, []string{"a"}},
		{"names that need escapes", `{"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1, []string{"\"\\/\b\f\n\r\té😀"}},
		{"empty name", `{"":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1, []string{""}},
		{"long name", `{"` + long + `":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}`, 1, []string{long}},
		{"order of data is not that of names", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2, []string{"a", "b"}},
		{"empty tensors at the running offset", `{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},` +
			`"c":{"dtype":"U8","shape":[3,0],"data_offsets":[1,1]},"d":{"dtype":"U8","shape":[1],"data_offsets":[1,2]},"e":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}}`, 2,
			[]string{"a", "b", "c", "d", "e"}},
		{"escaped and plain names in order", `{"\u0062":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},` +
			`"ba":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\u0061\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}`, 0, []string{"a", "aa", "b", "ba"}},
		{"metadata", `{"__metadata__":{"k":"v","l":"\n"},"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}`, 2, []string{"a"}},
	}
	for _, test := range tests {
		f, err := openBytes(assemble(test.text, test.data), Options{})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if got := f.Names(); fmt.Sprint(got) != fmt.Sprint(test.names) || f.Len() != len(got) {
			t.Errorf("%s: names %q, want %q", test.name, got, test.names)
		}
		for _, name := range test.names {
			if _, err := f.Bytes(name); err != nil || !f.Has(name) {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if err := f.Verify(); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}
