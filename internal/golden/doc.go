// Package golden is the test kit for golden files: figures that official code produced, kept as safetensors files in
// testdata/golden/<system>, or in $GRAFT_GOLDEN/<system> where that is set.
//
// # Main types
//
// [Files] returns a [Case] for every file whose name begins with a prefix. A case gives tensors ([Case.Tensor],
// [Case.Ints], [Case.Float64s]), its metadata ([Case.JSON]), and compares results with the file ([Case.Compare] and its
// kin). When the test ends the case fails it for every tensor that was never looked at nor compared, so that no figure is
// silently left out; [Case.Ignore] excuses one and says why. A line a file tells the worst deviation found.
//
//	func TestAttention(t *testing.T) {
//		for _, c := range golden.Files(t, "grit", "attn_") {
//			t.Run(c.Name, func(t *testing.T) {
//				var config struct{ Heads int `json:"num_heads"` }
//				c.JSON(t, "config", &config)
//				out := attend(config.Heads, c.Tensor("x"))
//				c.Compare(t, "out.h", out, golden.Forward)
//			})
//		}
//	}
//
// Files in other formats are found by [Paths].
//
// # Errors
//
// Everything fails the test it is given; a name that a case does not have fails the test that Files was given. Nothing is
// returned as an error.
//
// # Imports
//
// safetensors and tensor.
package golden
