package recipes

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs/gps"
	"github.com/graft-ml/graft/grit"
)

// TestGPSRecipe: a file of the kind gps has the settings of that kind, and nothing of another's.
func TestGPSRecipe(t *testing.T) {
	r, err := Parse(strings.NewReader("base: zinc-gps\nmodel:\n  kind: gps\n  layers: 3\n  attention: performer\n  positions: \"lappe:width=8+rwse:width=4\"\n"), "f.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := gps.ZINC()
	want.Layers, want.Attention, want.Positions = 3, gps.Performer, "lappe:width=8+rwse:width=4"
	if r.Model.GPS != want.WithDefaults() || r.Model.GRIT != (grit.Config{}) {
		t.Errorf("got %+v", r.Model)
	}
	back, err := Parse(strings.NewReader(string(r.Marshal())), "f.yaml")
	if err != nil || back != r {
		t.Errorf("read back as %+v, %v", back, err)
	}
	if err := r.Set("model.kind", "grit"); err != nil || r.Model.GPS != (gps.Config{}) || r.Model.GRIT != (grit.Config{}).WithDefaults() {
		t.Errorf("as another kind: %+v, %v", r.Model, err)
	}
	for text, want := range map[string]string{
		"model:\n  kind: gps\n  steps: 3\n":          `unknown key "steps" in model; did you mean`,
		"model:\n  kind: gps\n  local: ginn\n":       `unknown kind of message passing "ginn"; did you mean "gine"?`,
		"model:\n  kind: gps\n  attention: bigbid\n": `unknown kind of attention "bigbid"; did you mean "bigbird"?`,
	} {
		if _, err := Parse(strings.NewReader(text), "f.yaml"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	r = ZINCGPS()
	r.Model.GPS.Encoding, r.Model.GPS.Attention = "shortest-path", gps.NoAttention
	if err := r.Validate(); err == nil || err.Error() != "recipes: model: encoding is shortest-path and attention is none: only transformer has it" {
		t.Errorf("got %v", err)
	}
}
