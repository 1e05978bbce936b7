/* Packets' heads, and what every type needs. */
#include "hot.h"

void put_head(unsigned char *packet, uint64_t head, uint32_t ssrc)
{
    for (int n = 7; n >= 0; n--, head >>= 8)
        packet[n] = (unsigned char)head;
    for (int n = 11; n >= 8; n--, ssrc >>= 8)
        packet[n] = (unsigned char)ssrc;
}

uint64_t head_of(const unsigned char *packet)
{
    uint64_t head = 0;
    for (int n = 0; n < 8; n++)
        head = head << 8 | packet[n];
    return head;
}

uint32_t source_of(const unsigned char *packet)
{
    return (uint32_t)packet[8] << 24 | (uint32_t)packet[9] << 16 | (uint32_t)packet[10] << 8 | packet[11];
}

PyObject *made(PyTypeObject *type)
{
    allocfunc allocate = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    return allocate(type, 0);
}

void unmade(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}
