/* The kernel's side of one GPIO chip (uAPI v2): levels in a file, edges through a FIFO.
 *
 * GPIO_PATH    what open() takes for the chip       GPIO_LEVELS  physical levels of the lines, hex
 * GPIO_EVENTS  a FIFO of struct gpio_v2_line_event  GPIO_FAULT   a file with one word
 * GPIO_LOG     one line for each request: line, flags, debounce
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define LINES 32

static int chip = -1, request = -1;
static struct gpio_v2_line_request asked;

static void word_of(const char *variable, char *word, int size)
{
    FILE *file = fopen(getenv(variable), "r");
    word[0] = 0;
    if (file) {
        if (!fgets(word, size, file))
            word[0] = 0;
        fclose(file);
    }
}

static int has(const char *fault)
{
    char word[64];
    word_of("GPIO_FAULT", word, sizeof word);
    return strcmp(word, fault) == 0;
}

static int fail(int number)
{
    errno = number;
    return -1;
}

static uint64_t flags_of(unsigned int index)
{
    uint64_t flags = asked.config.flags;
    for (unsigned int i = 0; i < asked.config.num_attrs; i++)
        if (asked.config.attrs[i].mask >> index & 1 && asked.config.attrs[i].attr.id == GPIO_V2_LINE_ATTR_ID_FLAGS)
            flags = asked.config.attrs[i].attr.flags;
    return flags;
}

static unsigned int debounce_of(unsigned int index)
{
    for (unsigned int i = 0; i < asked.config.num_attrs; i++)
        if (asked.config.attrs[i].mask >> index & 1 && asked.config.attrs[i].attr.id == GPIO_V2_LINE_ATTR_ID_DEBOUNCE)
            return asked.config.attrs[i].attr.debounce_period_us;
    return 0;
}

static int take_lines(struct gpio_v2_line_request *wanted)
{
    if (has("busy"))
        return fail(EBUSY);
    for (unsigned int i = 0; i < wanted->num_lines; i++)
        if (wanted->offsets[i] >= LINES)
            return fail(EINVAL);
    asked = *wanted;
    FILE *log = fopen(getenv("GPIO_LOG"), "a");
    for (unsigned int i = 0; i < asked.num_lines; i++)
        fprintf(log, "%u %llx %u %s\n", asked.offsets[i], (unsigned long long)flags_of(i), debounce_of(i), asked.consumer);
    fclose(log);
    wanted->fd = request = open(getenv("GPIO_EVENTS"), O_RDWR | O_CLOEXEC);
    return request < 0 ? -1 : 0;
}

static int values(struct gpio_v2_line_values *wanted)
{
    char word[64];
    if (has("gone"))
        return fail(ENODEV);
    word_of("GPIO_LEVELS", word, sizeof word);
    uint64_t levels = strtoull(word, NULL, 16), bits = 0;
    for (unsigned int i = 0; i < asked.num_lines; i++) {
        uint64_t active = (levels >> asked.offsets[i] & 1) ^ (flags_of(i) & GPIO_V2_LINE_FLAG_ACTIVE_LOW ? 1 : 0);
        bits |= active << i;
    }
    wanted->bits = bits & wanted->mask;
    return 0;
}

int ioctl(int fd, unsigned long command, ...)
{
    static int (*real)(int, unsigned long, ...);
    va_list rest;
    va_start(rest, command);
    void *argument = va_arg(rest, void *);
    va_end(rest);
    if (!real)
        real = dlsym(RTLD_NEXT, "ioctl");
    command = (unsigned int)command;
    if (fd >= 0 && fd == chip && command == GPIO_GET_CHIPINFO_IOCTL) {
        struct gpiochip_info *info = argument;
        strcpy(info->name, "gpiochip7");
        strcpy(info->label, "played");
        info->lines = LINES;
        return 0;
    }
    if (fd >= 0 && fd == chip && command == GPIO_V2_GET_LINEINFO_IOCTL) {
        struct gpio_v2_line_info *info = argument;
        if (info->offset >= LINES)
            return fail(EINVAL);
        info->flags = GPIO_V2_LINE_FLAG_INPUT;
        return 0;
    }
    if (fd >= 0 && fd == chip && command == GPIO_V2_GET_LINE_IOCTL)
        return take_lines(argument);
    if (fd >= 0 && fd == request && command == GPIO_V2_LINE_GET_VALUES_IOCTL)
        return values(argument);
    return real(fd, command, argument);
}

static int opened(const char *path, int flags, int mode, const char *name)
{
    int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, name);
    if (strcmp(path, getenv("GPIO_PATH")) != 0)
        return real(path, flags, mode);
    if (has("gone"))
        return fail(ENOENT);
    return chip = real("/dev/null", O_RDWR | O_CLOEXEC, 0);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    return opened(path, flags, mode, "open");
}

ssize_t read(int fd, void *buffer, size_t size)
{
    static ssize_t (*real)(int, void *, size_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "read");
    return fd >= 0 && fd == request && has("gone") ? fail(ENODEV) : real(fd, buffer, size);
}

static int about(const char *path, struct stat *is)
{
    memset(is, 0, sizeof *is);
    is->st_mode = S_IFCHR | 0660;
    is->st_rdev = makedev(254, 7);
    (void)path;
    return 0;
}

int __lxstat(int version, const char *path, struct stat *is)
{
    int (*real)(int, const char *, struct stat *) = dlsym(RTLD_NEXT, "__lxstat");
    return strcmp(path, getenv("GPIO_PATH")) == 0 && !has("gone") ? about(path, is) : real(version, path, is);
}

int __xstat(int version, const char *path, struct stat *is)
{
    int (*real)(int, const char *, struct stat *) = dlsym(RTLD_NEXT, "__xstat");
    return strcmp(path, getenv("GPIO_PATH")) == 0 && !has("gone") ? about(path, is) : real(version, path, is);
}

int lstat(const char *path, struct stat *is)
{
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "lstat");
    return strcmp(path, getenv("GPIO_PATH")) == 0 && !has("gone") ? about(path, is) : real(path, is);
}

int stat(const char *path, struct stat *is)
{
    int (*real)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");
    return strcmp(path, getenv("GPIO_PATH")) == 0 && !has("gone") ? about(path, is) : real(path, is);
}

char *realpath(const char *path, char *resolved)
{
    char *(*real)(const char *, char *) = dlsym(RTLD_NEXT, "realpath");
    if (strcmp(path, "/sys/dev/char/254:7/subsystem") != 0)
        return real(path, resolved);
    return resolved ? strcpy(resolved, "/sys/bus/gpio") : strdup("/sys/bus/gpio");
}
