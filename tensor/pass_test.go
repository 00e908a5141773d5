package tensor

import "testing"

func TestPassIsTheOneBegun(t *testing.T) {
	tp := NewTape()
	if got := tp.Pass(); got != (Pass{}) {
		t.Errorf("a new tape has the pass %+v, want the zero one", got)
	}
	want := Pass{Train: true, Seed: 3, Step: 7}
	tp.Begin(want)
	if got := tp.Pass(); got != want {
		t.Errorf("got the pass %+v, want %+v", got, want)
	}
}
