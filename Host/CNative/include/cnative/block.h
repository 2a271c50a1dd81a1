/* block.h: one native call and its answer, as bytes. Kernel writes and reads them (Host/Kernel/Native), this target
 * reads and writes them. All numbers are little-endian and without padding.
 *
 *   call    = magic u32, argument count u16, zero u16, result type, argument*
 *   type    = scalar code | NATIVE_STRUCT, field count u8, type*
 *   result  = NATIVE_VOID | type | NATIVE_STRING | NATIVE_OWNED_STRING
 *   argument= NATIVE_VALUE, type, its scalars
 *           | NATIVE_BUFFER, element type, flags u8, capacity u64, given u64, `given` elements
 *   answer  = magic u32, errno i32, result, output*
 *             a string result is a byte (0 for a null pointer), a length u64 and its bytes;
 *             an output is a count u64 and its elements, for each buffer with NATIVE_OUTPUT, in order
 */
#ifndef CNATIVE_BLOCK_H
#define CNATIVE_BLOCK_H

#define NATIVE_CALL_MAGIC 0x31434E42u   /* "BNC1" */
#define NATIVE_ANSWER_MAGIC 0x31524E42u /* "BNR1" */

/* Types. */
#define NATIVE_VOID 0u
#define NATIVE_I8 1u
#define NATIVE_U8 2u
#define NATIVE_I16 3u
#define NATIVE_U16 4u
#define NATIVE_I32 5u
#define NATIVE_U32 6u
#define NATIVE_I64 7u
#define NATIVE_U64 8u
#define NATIVE_F32 9u
#define NATIVE_F64 10u
#define NATIVE_BOOL 11u
#define NATIVE_STRUCT 0x20u
#define NATIVE_STRING 0x30u
#define NATIVE_OWNED_STRING 0x31u

/* Arguments. */
#define NATIVE_VALUE 1u
#define NATIVE_BUFFER 2u

/* Flags of a buffer. */
#define NATIVE_OUTPUT 1u     /* goes back */
#define NATIVE_TERMINATED 2u /* up to the first NUL only; elements of one byte */

/* Bounds. */
#define NATIVE_MAX_ARGUMENTS 32u
#define NATIVE_MAX_FIELDS 16u
#define NATIVE_MAX_DEPTH 4u
#define NATIVE_MAX_TYPES 256u           /* nodes of all types of one call */
#define NATIVE_MAX_VALUE_BYTES 1024u    /* one struct in memory */
#define NATIVE_MAX_BUFFER_BYTES 67108864u /* all buffers in memory; C's padding makes them larger than the block */
#define NATIVE_MAX_BLOCK_BYTES 8388608u
#define NATIVE_MAX_STRING_BYTES 1048576u

#endif
