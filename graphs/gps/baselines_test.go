package gps

import (
	"strings"
	"testing"
)

// TestBaselines: a baseline can be made of any configuration, reads and predicts the same, and is itself's baseline.
func TestBaselines(t *testing.T) {
	for name, c := range kinds() {
		for _, b := range Baselines() {
			of := b.Of(c)
			if err := of.Validate(); err != nil {
				t.Errorf("%s of %s: %v", b.Name, name, err)
			}
			if of.Features() != c.Features() || of.Layers != c.Layers || of.Width != c.Width {
				t.Errorf("%s of %s reads or predicts something else: %+v", b.Name, name, of)
			}
			if again := b.Of(of.WithDefaults()); again.WithDefaults() != of.WithDefaults() {
				t.Errorf("%s of %s again: %+v", b.Name, name, again)
			}
		}
	}
}

func TestBaselineByName(t *testing.T) {
	for name, want := range map[string]Config{
		"gin":                         {Local: LocalGIN, Attention: NoAttention, NoFeedForward: true},
		"graphormer":                  {Local: NoLocal, Encoding: "shortest-path"},
		"transformer":                 {Local: NoLocal, Positions: "degree:width=2"},
		"transformer+rwse":            {Local: NoLocal, Positions: "rwse"},
		"transformer+lappe:width=8":   {Local: NoLocal, Positions: "lappe:width=8"},
		"transformer+degree+rwse":     {Local: NoLocal, Positions: "degree+rwse"},
		"transformer+shortest-path":   {Local: NoLocal, Encoding: "shortest-path"},
		"transformer+laplacian":       {Local: NoLocal, Encoding: "laplacian"},
		"gatedgcn":                    {Local: LocalGatedGCN, Attention: NoAttention, NoFeedForward: true},
		"transformer+signnet:width=4": {Local: NoLocal, Positions: "signnet:width=4"},
	} {
		b, err := BaselineByName(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := b.Of(Config{Positions: "degree:width=2", Attention: Performer, PerformerPadded: true, StableFrequencies: 2}); got != want || b.Name != name {
			t.Errorf("%s is %+v", name, got)
		}
	}
	for name, want := range map[string]string{
		"gim":                 `did you mean "gin"`,
		"transformer+rope":    "gps: baseline transformer+rope: encoding: rope cannot serve graphs",
		"transformer+rwsf":    "gps: baseline transformer+rwsf: encoding: unknown encoding",
		"transformer+":        `did you mean "transformer"`,
		"transformer+rwse+x":  "positions: unknown encoding",
		"transformer+rwse:w=": "gps: baseline transformer+rwse:w=: positions",
	} {
		if _, err := BaselineByName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}
