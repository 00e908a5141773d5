package nearest

import (
	"fmt"
	"strings"
	"testing"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"same", "same", 0},
		{"kitten", "sitting", 3}, {"flaw", "lawn", 2}, // the textbook cases
		{"zinc", "zicn", 1}, {"ab", "ba", 1},
	} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("distance(%q, %q) = %d, expected %d", c.a, c.b, got, c.want)
		}
	}
	if d := distance(strings.Repeat("a", 1<<20), "b"); d != longest {
		t.Errorf("a long name gave %d, expected the bound %d", d, longest)
	}
}

func TestTo(t *testing.T) {
	known := []string{"zinc", "pattern", "cluster", "csl"}
	for name, want := range map[string]string{"zink": "zinc", "PATERN": "pattern", "clsuter": "cluster", "cls": "csl", "": "csl"} {
		if got := To(name, known); got != want {
			t.Errorf("To(%q) = %q, expected %q", name, got, want)
		}
	}
	if got := To("x", nil); got != "" {
		t.Errorf("To with nothing known gave %q", got)
	}
}

func ExampleTo() {
	fmt.Println(To("patern", []string{"zinc", "pattern", "cluster", "csl"}))
	// Output: pattern
}

func TestNames(t *testing.T) {
	names := []string{"sum", "mean", "max"}
	for k, name := range names {
		if got, err := Index("pooling", name, names); got != k || err != nil {
			t.Errorf("Index(%q) = %d, %v", name, got, err)
		}
		if got := Name("Pooling", k, names); got != name {
			t.Errorf("Name(%d) = %q", k, got)
		}
	}
	for _, k := range []int{-1, 3} {
		if got, want := Name("Pooling", k, names), fmt.Sprintf("Pooling(%d)", k); got != want {
			t.Errorf("Name(%d) = %q, want %q", k, got, want)
		}
	}
	want := `unknown pooling "men"; did you mean "mean"? (known: sum, mean, max)`
	if _, err := Index("pooling", "men", names); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}
