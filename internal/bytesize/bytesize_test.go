package bytesize_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/internal/bytesize"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]int64{
		"1": 1, "17B": 17, "17 b": 17, "2kB": 2000, "2KB": 2000, "2KiB": 2048, " 500MiB ": 500 << 20, "6GB": 6e9, "6 gb": 6e9,
		"1.5GiB": 3 << 29, "0.5kB": 500, "1TiB": 1 << 40, "2TB": 2e12, ".25kB": 250, "1.B": 1, "0.0015kB": 2, "8000000TB": 8e18,
	} {
		if got, err := bytesize.Parse(text); err != nil || got != want {
			t.Errorf("%q: %d, %v, want %d", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"": "no amount of memory: want a number and a unit, such as 6GB", "GB": "no amount of memory", "six GB": "no amount of memory", "-6GB": "no amount of memory",
		"1e9": "no amount of memory", "6,5GB": "no amount of memory", "1.2.3GB": "no amount of memory", "0x10": "no amount of memory",
		"NaN": "no amount of memory", "Inf": "no amount of memory", "1_000": "no amount of memory", "+6GB": "no amount of memory",
		"6G": `unknown unit "G": want B, kB, MB, GB or TB, or KiB`, "6 GBs": `unknown unit " GBs"`, "80%": `unknown unit "%"`,
		"0": "less than a byte", "0.0GB": "less than a byte", "0.4B": "less than a byte",
		"10000000TB": "more than any machine has", strings.Repeat("9", 400): "no amount of memory",
	} {
		if got, err := bytesize.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %d, %v, want an error with %q", text, got, err, want)
		}
	}
}

func TestFormat(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 9949: "9.9 kB", 9951: "10 kB", 999_499: "999 kB", 999_500: "1.0 MB",
		35_400_000: "35 MB", 6e9: "6.0 GB", math.MaxInt64: "9.2 EB"} {
		if got := bytesize.Format(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"6GB", "1.5 MiB", "", "0", "9e99", "6GBGB", ".", "..B"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, err := bytesize.Parse(text); (n > 0) != (err == nil) {
			t.Errorf("%q: %d, %v", text, n, err)
		}
	})
}

func ExampleParse() {
	n, err := bytesize.Parse("1.5GiB")
	fmt.Println(n, err, bytesize.Format(n))
	_, err = bytesize.Parse("6G")
	fmt.Println(err)
	// Output:
	// 1610612736 <nil> 1.6 GB
	// "6G": unknown unit "G": want B, kB, MB, GB or TB, or KiB, MiB, GiB or TiB
}
