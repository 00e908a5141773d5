package peakmemory

import (
	"strings"
	"testing"
)

func TestParsePeak(t *testing.T) {
	if got, err := parsePeak([]byte("Name:\tgraft\nVmPeak:\t  9 kB\nVmHWM:\t   12345 kB\nVmRSS:\t 7 kB\n")); got != 12345<<10 || err != nil {
		t.Errorf("%d, %v", got, err)
	}
	for _, c := range [][2]string{{"VmRSS:\t7 kB\n", "no line VmHWM"}, {"VmHWM:\n", "cannot read"}, {"VmHWM: 7 MB", "cannot read"}, {"VmHWM: x kB", "cannot read"}} {
		if _, err := parsePeak([]byte(c[0])); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%q: error %v, want %s", c[0], err, c[1])
		}
	}
}
