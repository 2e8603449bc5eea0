#include "lib/memory.h"

#include <elf.h>
#include <link.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

void drop_clean_pages(void)
{
	const ElfW(Phdr) *phdr = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	uintptr_t page = getauxval(AT_PAGESZ);

	/*
	 * A static executable that is not relocated: addresses in the headers are those in memory.
	 */
	for (unsigned long i = 0; phdr && i < getauxval(AT_PHNUM); i++) {
		if (phdr[i].p_type != PT_LOAD || phdr[i].p_flags & PF_W)
			continue;
		uintptr_t start = phdr[i].p_vaddr & ~(page - 1);
		uintptr_t end = phdr[i].p_vaddr + phdr[i].p_memsz;
		madvise((void *)start, end - start, MADV_DONTNEED);
	}
}
