package checkpoint

import (
	"errors"
	"reflect"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

func model() []Named {
	return []Named{
		{"w", tensor.FromSlice([]float32{1, 2, 3, 4, 5, 6}, 2, 3)},
		{"b", tensor.FromSlice([]float32{7, 8}, 2)},
		{"s", tensor.Scalar(9)},
	}
}

func TestAssign(t *testing.T) {
	from := &State{Tensors: []Named{
		{"model.s", tensor.Scalar(-9)},
		{"model.b", tensor.FromSlice([]float32{-7, -8}, 2)},
		{"model.w", tensor.FromSlice([]float32{-1, -2, -3, -4, -5, -6}, 2, 3)},
		{"optim.w", tensor.New(1)},
	}}
	into := model()
	if err := Assign(into, from, "model."); err != nil {
		t.Fatal(err)
	}
	for _, n := range into {
		if !reflect.DeepEqual(n.Tensor, from.Tensor("model."+n.Name)) {
			t.Errorf("%s: %v", n.Name, n.Tensor)
		}
	}
	into[0].Tensor.Fill(3)
	if from.Tensor("model.w").At(0, 0) != -1 {
		t.Error("the model shares memory with the state")
	}
	if err := Assign(nil, &State{}, ""); err != nil {
		t.Error(err)
	}
}

// TestAnotherModel holds that all differences are listed at once, and that nothing was changed.
func TestAnotherModel(t *testing.T) {
	from := &State{Tensors: []Named{
		{"z", tensor.New(2)},
		{"w", tensor.New(3, 2)},
		{"s", tensor.New(1)},
		{"a", tensor.New(1)},
	}}
	into := model()
	err := Assign(into, from, "")
	want := "checkpoint: the state does not fit the model: 1 missing, 2 unexpected, 2 of another shape; was it saved with another configuration?" +
		"\n  missing: b\n  unexpected: a, z\n  other shape: s is [1] in the checkpoint, [] in the model, w is [3 2] in the checkpoint, [2 3] in the model"
	var m *Mismatch
	if err == nil || err.Error() != want || !errors.As(err, &m) {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	if !reflect.DeepEqual(into, model()) {
		t.Errorf("the model was changed: %v", into)
	}
	if err := Assign(into, from, "none."); err == nil || !reflect.DeepEqual(into, model()) {
		t.Errorf("%v", err)
	}
	if _, err := AssignPartial(into, from, ""); err == nil || !errors.As(err, &m) || !reflect.DeepEqual(into, model()) {
		t.Errorf("%v", err)
	}
}

func TestAssignPartial(t *testing.T) {
	from := &State{Tensors: []Named{
		{"w", tensor.New(3, 2)},
		{"b", tensor.FromSlice([]float32{-7, -8}, 2)},
		{"x", tensor.New(1)},
	}}
	into := model()
	left, err := AssignPartial(into, from, "")
	want := &Mismatch{Missing: []string{"s"}, Unexpected: []string{"x"}, WrongShape: []string{"w is [3 2] in the checkpoint, [2 3] in the model"}}
	if err != nil || !reflect.DeepEqual(left, want) {
		t.Errorf("%+v %v", left, err)
	}
	if into[1].Tensor.At(0) != -7 || into[0].Tensor.At(0, 0) != 1 || into[2].Tensor.At() != 9 {
		t.Errorf("%v", into)
	}
	left, err = AssignPartial(model(), &State{Tensors: model()}, "")
	if err != nil || left != nil {
		t.Errorf("%v %v", left, err)
	}
}

func TestTwoOfOneName(t *testing.T) {
	defer func() {
		if e := recover(); e != `checkpoint: Assign: the model has two tensors of the name "w"` {
			t.Errorf("panic %v", e)
		}
	}()
	_ = Assign(append(model(), model()...), &State{}, "")
}
