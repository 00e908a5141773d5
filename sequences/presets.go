package sequences

import (
	"math"

	"github.com/graft-ml/graft/encodings"
)

// The presets set the form of a published family and leave the rest of the configuration that is handed in: sizes, the
// encoding, and rates of dropping that the family has not fixed. Set the sizes before: some factors follow from them.

// LLaMA returns c with the form of LLaMA (Touvron and others 2023): RMSNorm, SwiGLU, no biases, nothing scaled. It is
// what the zero values are, said out loud.
func LLaMA(c Config) Config {
	c.Norm, c.FeedForward, c.Init = RMSNorm, SwiGLU, LLaMAInit
	c.AttentionBias, c.FeedForwardBias = false, false
	c.EmbeddingScale, c.ResidualScale, c.LogitScale, c.AttentionScale, c.SoftCap = 0, 0, 0, 0, 0
	return c
}

// MiniCPM returns c with the form of MiniCPM (Hu and others 2024), the base model of 2D-TPE: LLaMA's, with a tied token
// table, embedded tokens times 12, what a block's parts add times 1.4/sqrt(Layers), and tokens times 256/Width before the
// head.
func MiniCPM(c Config) Config {
	c = LLaMA(c)
	c.TiedEmbedding = true
	full := c.WithDefaults()
	c.EmbeddingScale, c.ResidualScale, c.LogitScale = 12, 1.4/math.Sqrt(float64(full.Layers)), 256/float64(full.Width)
	return c
}

// GPT2 returns c with the form of GPT-2 (Radford and others 2019): LayerNorm, the approximated GELU, biases everywhere, a
// tied token table, and a learned vector for each of 1,024 places, or for MaxLength where that is set; another encoding
// that c has stays. Dropout is 0.1 where GPT-2 has it. Sizes that are zero become those of the smallest GPT-2: 12 layers
// of 768 with 12 heads and a vocabulary of 50,257.
func GPT2(c Config) Config {
	sizes(&c, 50257, 12, 768, 12)
	c.Norm, c.NormEps, c.FeedForward, c.Init, c.InitStd = LayerNorm, 1e-5, GELUTanh, GPT2Init, 0.02
	c.AttentionBias, c.FeedForwardBias, c.TiedEmbedding = true, true, true
	c.EmbeddingScale, c.ResidualScale, c.LogitScale, c.AttentionScale, c.SoftCap = 0, 0, 0, 0, 0
	c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0.1, 0.1, 0, 0
	if c.MaxLength == 0 {
		c.MaxLength = 1024
	}
	if c.Encoding == nil {
		c.Encoding = encodings.Learned{MaxLength: c.MaxLength}
	}
	return c
}

// T5Decoder returns c with the form of the decoder of "The Impact of Positional Encoding on Length Generalization in
// Transformers" (Kazemnejad and others 2023), a T5 without an encoder: RMSNorm of eps 1e-6, ReLU, no biases, a tied token
// table whose logits are scaled by Width^-1/2, and no scale of the scores, whatever the encoding: T5's initialisation
// makes up for it. Dropout is 0.1 in all places. Sizes that are zero become those of the study: 12 layers of 768 with 12
// heads of 64 and a feed-forward width of 3072, a vocabulary of 32,100. The study's five encodings are encodings.None,
// T5Bias (causal), ALiBi, Sinusoidal (in
// halves) and RoPE of a quarter of the channels, interleaved.
func T5Decoder(c Config) Config {
	sizes(&c, 32100, 12, 768, 12)
	c.Norm, c.NormEps, c.FeedForward, c.Init, c.InitStd = RMSNorm, 1e-6, ReLU, T5Init, 0
	c.AttentionBias, c.FeedForwardBias, c.TiedEmbedding = false, false, true
	c.EmbeddingScale, c.ResidualScale, c.AttentionScale, c.SoftCap = 0, 0, 1, 0
	c.LogitScale = 1 / math.Sqrt(float64(c.Width))
	c.Dropout, c.AttentionDropout, c.FeedForwardDropout, c.OutputDropout = 0.1, 0.1, 0.1, 0.1
	return c
}

// sizes sets those of the smallest published model where the configuration has none.
func sizes(c *Config, vocabulary, layers, width, heads int) {
	if c.Vocabulary == 0 {
		c.Vocabulary = vocabulary
	}
	if c.Layers == 0 {
		c.Layers = layers
	}
	if c.Width == 0 {
		c.Width = width
	}
	if c.Heads == 0 {
		c.Heads = heads
	}
}
