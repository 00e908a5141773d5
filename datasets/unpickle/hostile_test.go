package unpickle

import (
	"errors"
	"strings"
	"testing"
)

// hostile are pickles that no data set holds, and a part of what is said of them.
var hostile = []struct{ name, text, want string }{
	{"empty", "", "ends in the middle"},
	{"a call", "cos\nsystem\n(S'ls'\ntR.", `class "os.system" is not known`},
	{"a call by names on the stack", "\x80\x04\x8c\x08builtins\x8c\x04eval\x93\x8c\x011\x85R.", `class "builtins.eval" is not known`},
	{"an instance", "(ios\nsystem\n.", "not for plain data"},
	{"an object", "(ccollections\ndefaultdict\no.", "not for plain data"},
	{"an extension", "\x80\x02\x82\x01.", "not for plain data"},
	{"out-of-band data", "\x80\x05\x97.", "not for plain data"},
	{"persistent by line", "Pabc\n.", "not for plain data"},
	{"persistent", "\x80\x02K\x01Q.", "something outside of it"},
	{"opcode 255", "\xff.", "not for plain data"},
	{"protocol 9", "\x80\x09N.", "unsupported pickle protocol"},
	{"a string of 4 GiB", "\x80\x02X\xff\xff\xff\xffabc", "at most 16777216 are accepted"},
	{"a string of 2^63 bytes", "\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc", "at most 16777216 are accepted"},
	{"bytes of 2^62 bytes", "\x80\x04\x8e\x00\x00\x00\x00\x00\x00\x00\x40abc", "at most 16777216 are accepted"},
	{"a string that is not there", "\x80\x02X\x00\x00\xff\x00abc", "ends in the middle"},
	{"a frame of 2^63 bytes", "\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\xffN.", ""},
	{"a long number", "\x80\x02\x8a\xff" + strings.Repeat("\x01", 255) + ".", "more than 16 bytes"},
	{"a large number in a list", "\x80\x02]\x8a\x0a" + strings.Repeat("\x01", 10) + "a.", "big.Int"},
	{"the number 0L", "\x80\x02\x8a\x00.", ""},
	{"a dict of odd items", "\x80\x02}(K\x01u.", "makes no sense"},
	{"an old dict of odd items", "(K\x01d.", "makes no sense"},
	{"no mark", "\x80\x02K\x01t.", "meta stack is empty"},
	{"nothing on the stack", ".", "stack is empty"},
	{"a list in itself", "\x80\x02]q\x01h\x01a.", "out of proportion"},
	{"a dict in itself", "\x80\x02}q\x01K\x01h\x01s.", "out of proportion"},
	{"a list in itself, and much else", "\x80\x02]q\x01(h\x01" + strings.Repeat("N", 200) + "e.", "deeper than 64"},
	{"a thousand laughs", laughs(), "out of proportion"},
	{"lists in lists", strings.Repeat("(", 100) + strings.Repeat("l", 100) + ".", "deeper than 64"},
	{"memo both ways", "\x80\x04N\x94q\x01.", "both by number and without"},
	{"memo without a number", "Npx\n.", "no number"},
	{"memo at an empty place", "Np\n.", "no number"},
	{"memo far away", "Np99999999999\n.", "no number"},
	{"recall of nothing", "\x80\x02h\x07.", ""},
	{"a string without quotes", "Sabc\n.", "notation of Python"},
	{"a string with an unknown escape", "S'\\q'\n.", "notation of Python"},
	{"a string with half an escape", "S'\\x1'\n.", "notation of Python"},
	{"a string that ends in an escape", "S'\\'\n.", "notation of Python"},
	{"text with half an escape", "V\\u12\n.", "notation of Python"},
	{"text beyond all characters", "V\\Uffffffff\n.", "notation of Python"},
	{"a number that is none", "Ixyz\n.", "invalid syntax"},
	{"a class as a value", "ccollections\ndefaultdict\n.", "where plain data is wanted"},
	{"an unhashable key", "\x80\x02ccollections\nOrderedDict\n)R(c_codecs\nencode\nX\x01\x00\x00\x00aX\x06\x00\x00\x00latin1\x86RNu.", "makes no sense"},
	{"codecs of another kind", "\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00zip\x86R.", "latin1 only"},
	{"text that is no bytes", "\x80\x02c_codecs\nencode\nX\x03\x00\x00\x00\xe2\x82\xacX\x06\x00\x00\x00latin1\x86R.", "is no byte"},
	{"bytes of something", "\x80\x02c__builtin__\nbytes\nK\x05\x85R.", "without arguments only"},
	{"defaultdict of two", "\x80\x02ccollections\ndefaultdict\nK\x05K\x05\x86R.", "one argument only"},
	{"a tensor of nothing", "\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.", "too few arguments"},
	{"a tensor of numbers", "\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(K\x01K\x01K\x01K\x01tR.", "other types than those of PyTorch"},
	{"a storage of no bytes", "\x80\x02ctorch.storage\n_load_from_bytes\nK\x05\x85R.", "bytes only"},
	{"a storage of other bytes", "\x80\x02ctorch.storage\n_load_from_bytes\nU\x05hello\x85R.", "in the file of a tensor: "},
	{"a storage of another pickle", "\x80\x02ctorch.storage\n_load_from_bytes\nU\x02N.\x85R.", "not one of torch.save"},
	{"an array of another class", "\x80\x02cnumpy.core.multiarray\n_reconstruct\nNNN\x87R.", "another class than ndarray"},
	{"an array of no class", "\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R.", "number of arguments"},
	{"an array without content", "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87R.", "without content"},
	{"an array of no state", "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87RNb.", "not as numpy writes it"},
	{"an array of wrong types", "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87R(NNNNNtb.", "other types than numpy writes"},
	{"an array of 2^60 elements", arrayOf("J\xff\xff\xff\x7fJ\xff\xff\xff\x7f\x86"), "in 1 bytes"},
	{"an array of a negative size", arrayOf("J\xff\xff\xff\xff\x85"), "in 1 bytes"},
	{"an array of 20 dimensions", arrayOf("(" + strings.Repeat("K\x01", 20) + "t"), "at most 16 are accepted"},
	{"a dtype without a name", "\x80\x02cnumpy\ndtype\n)R.", "without a name"},
	{"a dtype of objects", "\x80\x02cnumpy\ndtype\nU\x01O\x85R.", `"O" is not known`},
	{"a dtype of no state", "\x80\x02cnumpy\ndtype\nU\x02i1\x85RNb.", "not as numpy writes it"},
	{"a dtype of another order", "\x80\x02cnumpy\ndtype\nU\x02i1\x85RK\x03U\x01!\x86b.", "byte order"},
	{"a scalar of nothing", "\x80\x02cnumpy.core.multiarray\nscalar\n)R.", "not as numpy writes it"},
	{"a matrix without content", "\x80\x02cscipy.sparse.csr\ncsr_matrix\n)\x81.", "without content"},
	{"a matrix of no dict", "\x80\x02cscipy.sparse.csr\ncsr_matrix\n)\x81Nb.", "not as scipy writes it"},
	{"a matrix of no arrays", "\x80\x02cscipy.sparse.csr\ncsr_matrix\n)\x81}b.", "data is no row of numbers"},
}

// laughs is a list of ten times a list of ten times a list...
func laughs() string {
	var b strings.Builder
	b.WriteString("\x80\x02]q\x00")
	for i := range 20 {
		b.WriteString("](" + strings.Repeat("h"+string(rune(i)), 10) + "eq" + string(rune(i+1)))
	}
	return b.String() + "."
}

// arrayOf is a numpy array of one byte with the shape that the opcodes make.
func arrayOf(shape string) string {
	return "\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nNN\x87R(K\x01" + shape + "cnumpy\ndtype\nU\x02i1\x85R\x89U\x01atb."
}

func TestHostile(t *testing.T) {
	for _, h := range hostile {
		v, err := DecodeBytes([]byte(h.text), Limits{})
		if h.want == "" {
			if err != nil {
				t.Errorf("%s: %v", h.name, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), h.want) {
			t.Errorf("%s: %v, %v; want %q", h.name, v, err, h.want)
		}
	}
}

// TestTensorFiles damages the file inside a tensor.
func TestTensorFiles(t *testing.T) {
	text := string(fixture(t, "torch_3.pickle"))
	for _, c := range []struct{ old, new, want string }{
		{"\x8a\x0al\xfc\x9cF", "\x8a\x0al\xfc\x9cG", "not one of torch.save"},
		{"M\xe9\x03.\x80\x02}", "M\xe8\x03.\x80\x02}", "version 1000 of torch.save, expected 1001"},
		{"little_endianq\x02\x88", "little_endianq\x02\x89", "other byte order"},
		{"CharStorage", "OddxStorage", `class "torch.OddxStorage" is not known`},
		{"ctorch\nCharStorage", "ctorch\nLongStorage", "are not those of"},
		{"X\x07\x00\x00\x00storageq", "X\x07\x00\x00\x00modulesq", "it is not a storage"},
	} {
		damaged := strings.ReplaceAll(text, c.old, c.new)
		if damaged == text {
			t.Fatalf("%q is not there", c.old)
		}
		var e *Error
		if _, err := DecodeBytes([]byte(damaged), Limits{}); !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.new, err, c.want)
		}
	}
}

func TestStrides(t *testing.T) {
	s := &storage{storageClass{Int8, 1, false}, []byte{0, 1, 2, 3}}
	for _, c := range []struct {
		offset       int
		size, stride []int
	}{
		{0, []int{5}, []int{1}}, {1, []int{4}, []int{1}}, {0, []int{2, 2}, []int{3, 1}}, {-1, []int{2}, []int{1}}, {0, []int{2}, []int{-1}},
		{0, []int{2}, []int{1 << 62}}, {1 << 62, []int{2}, []int{1}}, {0, []int{1 << 62, 4}, []int{1, 1}}, {4, []int{}, []int{}}, {0, []int{-1}, []int{1}},
	} {
		if a, err := strided(s, c.offset, c.size, c.stride); err == nil {
			t.Errorf("%+v: %v", c, a)
		}
	}
	if a, err := strided(s, 1, []int{2, 1}, []int{2, 1 << 62}); err != nil || a.Len() != 2 || a.Int(0) != 1 || a.Int(1) != 3 {
		t.Errorf("%v, %v", a, err)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		limits Limits
		text   string
		want   string
	}{
		{Limits{Bytes: 10}, string(fixture(t, "plain_2.pickle")), "longer than 10 bytes"},
		{Limits{String: 2}, "\x80\x02U\x03abc.", "at most 2 are accepted"},
		{Limits{Opcodes: 5}, string(fixture(t, "plain_2.pickle")), "more than 5 opcodes"},
		{Limits{Depth: 2}, "(((lll.", "deeper than 2"},
		{Limits{}, "I" + strings.Repeat("1", 2<<20) + "\n.", "a line of more than"},
	} {
		if _, err := DecodeBytes([]byte(c.text), c.limits); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.limits, err)
		}
	}
}
