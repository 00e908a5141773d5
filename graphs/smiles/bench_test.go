package smiles

import "testing"

// BenchmarkParse reads molecules on one core; a million a minute on two cores are
// 500,000 here.
func BenchmarkParse(b *testing.B) {
	texts := molecules(b)
	p := new(Parser)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		if _, err := p.Parse(texts[i%len(texts)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "SMILES/min")
}

// BenchmarkFeatures reads molecules and makes graphs of them.
func BenchmarkFeatures(b *testing.B) {
	texts := molecules(b)
	for _, name := range Featurisers() {
		b.Run(name, func(b *testing.B) {
			features, err := FeaturiserNamed(name)
			if err != nil {
				b.Fatal(err)
			}
			p := new(Parser)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				m, err := p.Parse(texts[i%len(texts)])
				if err != nil {
					b.Fatal(err)
				}
				if _, err := features.Graph(m); err != nil {
					b.Fatal(err)
				}
				i++
			}
			b.ReportMetric(60*float64(b.N)/b.Elapsed().Seconds(), "SMILES/min")
		})
	}
}

// molecules are those of ZINC where the data is, else the goldens that ZINC's
// features know.
func molecules(b *testing.B) []string {
	b.Helper()
	if path, found := find("zinc12k", "test.csv.gz"); found {
		return column(b, path, "smiles")
	}
	var texts []string
	for _, text := range goldenSMILES(b) {
		m, err := Parse(text)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := (ZINC{}).Graph(m); err == nil {
			texts = append(texts, text)
		}
	}
	return texts
}
