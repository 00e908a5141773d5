package report

import (
	"strings"
	"testing"
)

func TestBytes(t *testing.T) {
	for _, c := range []struct {
		n    int64
		want string
	}{
		{0, "0 B"}, {999, "999 B"}, {1000, "1.0 kB"}, {1234, "1.2 kB"}, {9949, "9.9 kB"}, {9950, "10 kB"}, {35_400_000, "35 MB"},
		{999_499, "999 kB"}, {999_500, "1.0 MB"}, {1 << 62, "4.6 EB"},
	} {
		if got := Bytes(c.n); got != c.want {
			t.Errorf("%d: %q, want %q", c.n, got, c.want)
		}
	}
}

func TestTransfer(t *testing.T) {
	var out strings.Builder
	bar := NewTransfer(&out)
	bar.Show("a.zip", 5, 10)
	bar.Clear()
	if out.Len() > 0 || bar.Terminal() {
		t.Errorf("no terminal, and yet %q", out.String())
	}
	bar.columns = func() int { return 80 }
	bar.Show("a.zip", 500_000, 1_000_000)
	if got := out.String(); !strings.Contains(got, "50%") || !strings.Contains(got, "a.zip  500 kB of 1.0 MB") {
		t.Errorf("half: %q", got)
	}
	out.Reset()
	bar.Show("a.zip", 500_001, 1_000_000)
	if out.Len() > 0 {
		t.Errorf("drawn again at once: %q", out.String())
	}
	bar.Show("a.zip", 1_000_000, 1_000_000)
	if got := out.String(); !strings.Contains(got, "100%") {
		t.Errorf("whole: %q", got)
	}
	out.Reset()
	bar.Show("of unknown size", 2_000_000, 0)
	if got := out.String(); !strings.Contains(got, "of unknown size  2.0 MB") {
		t.Errorf("without a total: %q", got)
	}
	out.Reset()
	bar.Clear()
	bar.Clear()
	if !strings.HasSuffix(out.String(), eraseLine) {
		t.Errorf("cleared: %q", out.String())
	}
}
