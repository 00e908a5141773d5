package speed

import (
	"math"
	"testing"
	"time"

	"github.com/graft-ml/graft/vision"
	"github.com/graft-ml/graft/vision/cswin"
)

// TestImages takes a sample of each figure with small models.
func TestImages(t *testing.T) {
	w := &workshop{options: Options{Sample: time.Millisecond}.withDefaults()}
	for _, images := range []int{1, 3} {
		forward, err := cswinForward(w, cswin.Small28(), images)
		if err != nil {
			t.Fatal(err)
		}
		train, err := vitTrain(w, vision.Config{Classes: 3, ImageHeight: 32, Layers: 2, Width: 24}, images)
		if err != nil {
			t.Fatal(err)
		}
		for name, sample := range map[string]func() float64{"forward": forward, "train": train} {
			if r := sample(); !(r > 0) || math.IsInf(r, 0) {
				t.Errorf("%s: %v images a second", name, r)
			}
		}
	}
}

// TestImageWork holds the work of an image to the counts that the package comment gives.
func TestImageWork(t *testing.T) {
	want := map[string]float64{"cswin_t_forward": 8.65, "cswin_t_forward_4": 8.65, "vit_s_train": 27.5}
	for _, k := range kinds() {
		if k.giga == nil {
			continue
		}
		got, err := k.giga()
		if err != nil || math.Abs(got-want[k.Name]) > 0.05 {
			t.Errorf("%s: %v GFLOP an image, %v, want %v", k.Name, got, err, want[k.Name])
		}
		if k.Unit == flopsUnit {
			t.Errorf("%s has operations of its own, and is one in %s", k.Name, flopsUnit)
		}
		delete(want, k.Name)
	}
	if len(want) > 0 {
		t.Errorf("no work of %v", want)
	}
}

// TestPartOfPeak: images a second are a part of the peak by the operations of an image.
func TestPartOfPeak(t *testing.T) {
	w := &workshop{samples: map[string]series{peakName: {90, 100, 130}}}
	eight := func() (float64, error) { return 8, nil }
	for _, c := range []struct {
		kind kind
		want float64
	}{
		{kind{Entry: Entry{Unit: imagesUnit}, needs: []string{peakName}, giga: eight}, 0.4},
		{kind{Entry: Entry{Unit: flopsUnit}, needs: []string{peakName}}, 0.05},
		{kind{Entry: Entry{Unit: flopsUnit}}, 0},
		{kind{Entry: Entry{Unit: partUnit}, needs: []string{peakName}}, 0},
	} {
		if got, err := w.ofPeak(c.kind, 5); err != nil || math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%+v: %v of the peak, %v, want %v", c.kind.Entry, got, err, c.want)
		}
	}
}
