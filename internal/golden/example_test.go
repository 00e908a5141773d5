package golden_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/graft-ml/graft/internal/golden"
)

// printer stands for the *testing.T that a test function gets.
type printer struct{ testing.TB }

func (printer) Helper()                   {}
func (printer) Cleanup(func())            {}
func (printer) Errorf(f string, a ...any) { fmt.Printf(f+"\n", a...) }
func (printer) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

func ExampleFiles() {
	defer os.Setenv("GRAFT_GOLDEN", os.Getenv("GRAFT_GOLDEN"))
	os.Setenv("GRAFT_GOLDEN", "") // the module's own files
	t := printer{}
	for _, c := range golden.Files(t, "grit", "attn_default") {
		var config struct {
			Heads int `json:"num_heads"`
		}
		c.JSON(t, "config", &config)
		x := c.Tensor("x")
		fmt.Println(c.Name, config.Heads, x.Shape())
		c.Compare(t, "x", x, golden.Forward)
	}
	// Output:
	// attn_default 3 [11 12]
}
