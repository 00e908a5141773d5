package report

import (
	"bytes"
	"testing"
)

func TestStatus(t *testing.T) {
	var out bytes.Buffer
	s := NewStatus(&out)
	s.Show("nobody sees it")
	s.Clear()
	if out.Len() > 0 {
		t.Errorf("wrote %q to what is no terminal", out.String())
	}
	s.width = func() int { return 6 }
	s.Clear()
	s.Show("half")
	s.Show("a größer one")
	s.Clear()
	s.Clear()
	if got, want := out.String(), "\r\x1b[Khalf\r\x1b[Ka grö\r\x1b[K"; got != want {
		t.Errorf("wrote %q, want %q", got, want)
	}
}
