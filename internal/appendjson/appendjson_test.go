package appendjson

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
)

func TestFloatReadsBack(t *testing.T) {
	for _, v := range []float32{0, float32(math.Copysign(0, -1)), 1, -1.5, 1e-45, 3.4028235e38, 0.1, 16777217, 1e21, 1e-7} {
		var back float32
		if err := json.Unmarshal(Float(nil, v), &back); err != nil || math.Float32bits(back) != math.Float32bits(v) {
			t.Errorf("%v is written as %s, which reads back as %v (%v)", v, Float(nil, v), back, err)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		if got := string(Float(nil, float32(v))); got != "null" {
			t.Errorf("%v is written as %s, want null", v, got)
		}
	}
}

func ExampleFloats() {
	line := Floats([]byte(`{"y":`), []float32{0.1, 2, float32(math.NaN())})
	fmt.Println(string(append(line, '}')))
	fmt.Println(string(Floats(nil, nil)))
	// Output:
	// {"y":[0.1,2,null]}
	// []
}
