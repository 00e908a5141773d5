package checkpoint_test

import (
	"fmt"
	"os"

	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/train/checkpoint"
)

func Example() {
	folder, err := os.MkdirTemp("", "run")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)

	params := []checkpoint.Named{{Name: "weight", Tensor: tensor.FromSlice([]float32{1, 2}, 2)}}
	d := checkpoint.Dir{Path: folder}
	err = d.Save(checkpoint.Last, &checkpoint.State{Tensors: params, Meta: map[string]string{"step": "120"}})
	fmt.Println("saved:", err)

	params[0].Tensor.Zero()
	state, _, err := d.Load(checkpoint.Last)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("step:", state.Meta["step"], checkpoint.Assign(params, state, ""), params[0].Tensor)

	other := []checkpoint.Named{{Name: "weight", Tensor: tensor.New(3)}, {Name: "bias", Tensor: tensor.New(3)}}
	fmt.Println(checkpoint.Assign(other, state, ""))
	// Output:
	// saved: <nil>
	// step: 120 <nil> [2][1 2]
	// checkpoint: the state does not fit the model: 1 missing, 0 unexpected, 1 of another shape; was it saved with another configuration?
	//   missing: bias
	//   other shape: weight is [2] in the checkpoint, [3] in the model
}
