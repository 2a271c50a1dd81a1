/* The plugin shows only its entry symbol; this header makes the target one that packages can name. */
