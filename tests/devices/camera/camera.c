/* The kernel's side of one camera, V4L2 with mapped buffers: frames out of a file, and faults by a word in another.
 *
 * CAMERA_PATH    what open() takes for the camera      CAMERA_FRAMES  frames: u32 length, bytes; again from the start
 * CAMERA_FAULT   a file with one word                  CAMERA_LOG     one line for each ioctl that gives or takes resources
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE 131072u
#define WIDTH 160
#define HEIGHT 120
#define STRIDE (2 * WIDTH + 32)

static int camera = -1, other = -1, memory = -1;
static unsigned int format, count, queued[8], queue_length, given, seen;
static FILE *frames;

static const char *fault(void)
{
    static char word[64];
    FILE *file = fopen(getenv("CAMERA_FAULT"), "r");
    word[0] = 0;
    if (file) {
        if (!fgets(word, sizeof word, file))
            word[0] = 0;
        fclose(file);
    }
    return word;
}

static int has(const char *word) { return strcmp(fault(), word) == 0; }

static void note(const char *what, unsigned int number)
{
    FILE *file = fopen(getenv("CAMERA_LOG"), "a");
    fprintf(file, "%s %u\n", what, number);
    fclose(file);
}

static int fail(int number)
{
    errno = number;
    return -1;
}

static int opened(void)
{
    int pair[2];
    if (has("gone"))
        return fail(ENODEV);
    if (other >= 0)
        close(other);
    if (memory >= 0)
        close(memory);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
        return -1;
    camera = pair[0];
    other = pair[1];
    memory = memfd_create("frames", MFD_CLOEXEC);
    if (ftruncate(memory, 8 * SIZE) < 0 || write(other, "x", 1) != 1)
        return -1;
    return camera;
}

int open64(const char *path, int flags, ...)
{
    static int (*real)(const char *, int, ...);
    va_list rest;
    va_start(rest, flags);
    int mode = va_arg(rest, int);
    va_end(rest);
    if (!real)
        real = dlsym(RTLD_NEXT, "open64");
    return strcmp(path, getenv("CAMERA_PATH")) == 0 ? opened() : real(path, flags, mode);
}

void *mmap64(void *at, size_t length, int prot, int flags, int fd, off64_t offset)
{
    static void *(*real)(void *, size_t, int, int, int, off64_t);
    if (!real)
        real = dlsym(RTLD_NEXT, "mmap64");
    return real(at, length, prot, flags, fd >= 0 && fd == camera ? memory : fd, offset);
}

static int capability(struct v4l2_capability *about)
{
    if (has("no_camera"))
        return fail(ENOTTY);
    memset(about, 0, sizeof *about);
    strcpy((char *)about->card, "played camera");
    about->capabilities = V4L2_CAP_DEVICE_CAPS | V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_META_CAPTURE;
    about->device_caps = has("metadata") ? V4L2_CAP_META_CAPTURE | V4L2_CAP_STREAMING
                                         : V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
    return 0;
}

static int set_format(struct v4l2_format *ask)
{
    if (ask->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fail(EINVAL);
    if (has("busy_format"))
        return fail(EBUSY);
    struct v4l2_pix_format *pix = &ask->fmt.pix;
    if (has("wrong_format"))
        pix->pixelformat = V4L2_PIX_FMT_GREY;
    else if (has("yuyv"))
        pix->pixelformat = V4L2_PIX_FMT_YUYV;
    pix->width = WIDTH;
    pix->height = HEIGHT;
    pix->bytesperline = pix->pixelformat == V4L2_PIX_FMT_YUYV ? STRIDE : 0;
    pix->sizeimage = SIZE;
    format = pix->pixelformat;
    return 0;
}

static int request(struct v4l2_requestbuffers *ask)
{
    if (ask->memory != V4L2_MEMORY_MMAP || ask->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fail(EINVAL);
    if (has("busy"))
        return fail(EBUSY);
    note("REQBUFS", ask->count);
    count = ask->count;
    queue_length = 0;
    return 0;
}

static int give(struct v4l2_buffer *buffer)
{
    uint32_t length;
    if (has("gone"))
        return fail(ENODEV);
    if (has("gone_later") && seen++ == 1)
        return fail(ENODEV);
    if (queue_length == 0 || has("no_frames"))
        return fail(EAGAIN);
    buffer->index = queued[0];
    memmove(queued, queued + 1, --queue_length * sizeof *queued);
    if (fread(&length, sizeof length, 1, frames) != 1) {
        rewind(frames);
        if (fread(&length, sizeof length, 1, frames) != 1)
            return fail(EIO);
    }
    char *data = malloc(length + 512);
    memset(data, 0, length + 512);
    if (length > SIZE - 512 || fread(data, length, 1, frames) != 1)
        return fail(EIO);
    buffer->bytesused = has("truncated") ? length / 2 : has("empty") ? 0 : has("padded") ? length + 512 : length;
    buffer->flags = V4L2_BUF_FLAG_DONE | (has("flagged") && given % 2 == 0 ? V4L2_BUF_FLAG_ERROR : 0);
    if (pwrite(memory, data, length + 512, buffer->index * (off_t)SIZE) < 0)
        return fail(EIO);
    free(data);
    buffer->sequence = given++;
    return 0;
}

static int buffers(unsigned long command, struct v4l2_buffer *buffer)
{
    if (buffer->memory != V4L2_MEMORY_MMAP || buffer->type != V4L2_BUF_TYPE_VIDEO_CAPTURE)
        return fail(EINVAL);
    if (command == VIDIOC_DQBUF)
        return give(buffer);
    if (buffer->index >= count)
        return fail(EINVAL);
    if (command == VIDIOC_QUERYBUF) {
        buffer->length = SIZE;
        buffer->m.offset = buffer->index * SIZE;
    } else if (queue_length < 8)
        queued[queue_length++] = buffer->index;
    return 0;
}

static int stream(int on)
{
    char byte;
    note(on ? "STREAMON" : "STREAMOFF", 0);
    if (on) {
        seen = 0;
        while (read(camera, &byte, 1) == 1)
            ;
        if (!has("no_frames") && write(other, "x", 1) != 1)
            return -1;
    }
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
    if (fd < 0 || fd != camera)
        return real(fd, command, argument);
    if (!frames)
        frames = fopen(getenv("CAMERA_FRAMES"), "rb");
    command = (unsigned int)command;
    if (has("gone") && command != VIDIOC_DQBUF)
        return fail(ENODEV);
    if (command == VIDIOC_QUERYCAP)
        return capability(argument);
    if (command == VIDIOC_S_FMT)
        return set_format(argument);
    if (command == VIDIOC_REQBUFS)
        return request(argument);
    if (command == VIDIOC_QUERYBUF || command == VIDIOC_QBUF || command == VIDIOC_DQBUF)
        return buffers(command, argument);
    if (command == VIDIOC_STREAMON || command == VIDIOC_STREAMOFF)
        return stream(command == VIDIOC_STREAMON);
    return fail(ENOTTY);
}
