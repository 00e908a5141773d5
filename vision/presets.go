package vision

// The presets are the sizes of DeiT (Touvron and others, "Training data-efficient image transformers", ICML 2021, table 1)
// for ImageNet, at 224 by 224 pixels with patches of 16 by 16, without what training drops.

// ViTTi is ViT-Ti/16: 5,717,416 parameters.
func ViTTi() Config {
	return Config{Classes: 1000, ImageHeight: 224, PatchHeight: 16, Layers: 12, Width: 192, Heads: 3}
}

// ViTS is ViT-S/16: 22,050,664 parameters.
func ViTS() Config {
	c := ViTTi()
	c.Width, c.Heads = 384, 6
	return c
}

// ViTB is ViT-B/16: 86,567,656 parameters. DeiT trains it with a DropPath of 0.1.
func ViTB() Config {
	c := ViTTi()
	c.Width, c.Heads = 768, 12
	return c
}
