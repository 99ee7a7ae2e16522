#pragma once
#include <sys/epoll.h>
#include <sys/eventfd.h>

// These stand behind _GNU_SOURCE, which cannot be set here: it would change the layout of fd_set under Swift's own Glibc module.
extern int accept4(int descriptor, void *address, unsigned int *length, int flags);
extern int sync_file_range(int descriptor, long offset, long count, unsigned int flags);
extern int pthread_setname_np(unsigned long thread, const char *name);

// POLLRDHUP stands behind _GNU_SOURCE too; the bits are those of epoll.
static const short phr_poll_end_events = EPOLLRDHUP;

// EPOLL_* are an enum whose last member, EPOLLET, exceeds Int32 in Swift's import.
static const unsigned int phr_epoll_events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
static const unsigned int phr_epoll_read_events = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
static const unsigned int phr_epoll_write_events = EPOLLOUT | EPOLLHUP | EPOLLERR;
