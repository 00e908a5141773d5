package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestGenerated holds that the committed files are those the generator writes, byte for byte.
func TestGenerated(t *testing.T) {
	dir := t.TempDir()
	if err := generate(dir); err != nil {
		t.Fatal(err)
	}
	fresh, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if want := 4 * len(groups); len(fresh) != want {
		t.Errorf("%d files were written, expected %d", len(fresh), want)
	}
	for _, name := range fresh {
		got, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := filepath.Base(name)
		committed, err := os.ReadFile(filepath.Join("..", base))
		if err != nil {
			t.Errorf("%v; run go generate ./internal/simd", err)
		} else if !bytes.Equal(got, committed) {
			t.Errorf("%s differs from what the generator writes; run go generate ./internal/simd", base)
		}
	}
	for _, pattern := range []string{"*_avx2_amd64.*", "*_avx512_amd64.*"} {
		names, _ := filepath.Glob(filepath.Join("..", pattern))
		for _, name := range names {
			if _, err := os.Stat(filepath.Join(dir, filepath.Base(name))); err != nil {
				t.Errorf("%s is written by no group", name)
			}
		}
	}
}

// TestStale holds that generate removes files of groups that are gone, and nothing else.
func TestStale(t *testing.T) {
	dir := t.TempDir()
	stale, other := filepath.Join(dir, "old_avx2_amd64.s"), filepath.Join(dir, "other.go")
	for _, name := range []string{stale, other} {
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := generate(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); err == nil {
		t.Error("a stale file was left")
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
	if err := generate(filepath.Join(dir, "missing")); err == nil {
		t.Error("a missing folder is no error")
	}
}

// TestLevelChecks holds that a kernel which asks for too much is refused.
func TestLevelChecks(t *testing.T) {
	tooMany := group{"many", func(g *gen) {
		g.fn("many", "func(x []float32)", "needs twenty registers.")
		x := g.slice("x")
		v := g.vecs(20)
		for i := range v {
			g.load(g.at(x, i), v[i], nil)
		}
		for i := range v {
			g.store(v[i], g.at(x, i), nil)
		}
		g.ret()
	}}
	if _, _, err := render(tooMany, avx2); err == nil {
		t.Error("twenty registers were accepted for AVX2")
	}
	if _, _, err := render(tooMany, avx512); err != nil {
		t.Error(err)
	}
	tooNew := group{"new", func(g *gen) {
		g.fn("new", "func(x []float32)", "uses an instruction of AVX-512.")
		v := g.YMM()
		g.VRSQRT14PS(v, v)
		g.ret()
	}}
	if _, _, err := render(tooNew, avx2); err == nil {
		t.Error("an instruction of AVX-512 was accepted for AVX2")
	}
}
