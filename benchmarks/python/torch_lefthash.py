"""Hugging Face's KGW lefthash on PyTorch's CPU, one thread: what `tokenmark-bench speed` is to be read beside.

Needs PyTorch (Debian: python3-torch). The steps are those of transformers' watermarking processor and detector: seed, permute the vocabulary,
take the head; then raise the list, or look one token up. Times hold for the machine they are taken on, so run both on one.
"""

import statistics
import time

import torch

HASHING_KEY = 15485863


def median_ms(step, runs):
    times = []
    for index in range(runs):
        start = time.perf_counter()
        step(index)
        times.append(time.perf_counter() - start)
    return 1e3 * statistics.median(times)


def green_list(generator, vocab_size, token):
    generator.manual_seed(HASHING_KEY * token)
    return torch.randperm(vocab_size, generator=generator)[: vocab_size // 4]


def main():
    torch.set_num_threads(1)
    generator = torch.Generator()
    vocab_size = 151936
    logits = torch.sin(torch.arange(vocab_size).float())[None]

    def mark(index):
        mask = torch.zeros_like(logits)
        mask[0][green_list(generator, vocab_size, index)] = 1
        mask = mask.bool()
        scores = logits.clone()
        scores[mask] = scores[mask] + 2.0

    def look_up(index):
        return index in green_list(generator, 50257, index)

    print(f"PyTorch {torch.__version__}, one thread")
    print(f"list alone, {vocab_size}: {median_ms(lambda i: green_list(generator, vocab_size, i), 300):.3f} ms")
    print(f"list raised, {vocab_size}: {median_ms(mark, 300):.3f} ms")
    print(f"detection, 50257: {1e3 / median_ms(look_up, 500):.0f} tokens/s")


main()
