#pragma once
#include <stddef.h>
#include <stdint.h>

typedef int (*phr_fuzz_target)(const uint8_t *bytes, size_t count);

/// Runs libFuzzer on one target with libFuzzer's own options; returns when its time is up.
int phr_fuzz_run(int argc, char **argv, phr_fuzz_target target);
