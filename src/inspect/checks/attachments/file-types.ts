/** Kinds of files, by the type that their octets have, and by their names. */
import type { FileType } from '#/policy/index.ts';

const BY_TYPE: readonly (readonly [FileType, RegExp])[] = [
  ['pdf', /^application\/pdf$/],
  [
    'office',
    /^application\/(?:msword|rtf|vnd\.(?:ms-(?:excel|powerpoint|word|office|visio|project|outlook)|openxmlformats-officedocument|oasis\.opendocument|visio)|x-cfb|x-hwp|x-ole-storage)|^text\/rtf$/,
  ],
  [
    'archive',
    /^application\/(?:zip|gzip|x-(?:tar|7z-compressed|rar-compressed|rar|bzip2|xz|lzip|lzh-compressed|lha|gtar|compress|iso9660-image|cpio|arj|apple-diskimage)|vnd\.(?:rar|ms-cab-compressed)|zstd|java-archive)$/,
  ],
  [
    'executable',
    /^application\/(?:x-(?:msdownload|dosexec|executable|elf|mach-binary|msi|ms-shortcut|sharedlib|deb|rpm|ms-installer)|vnd\.(?:microsoft\.portable-executable|android\.package-archive))$/,
  ],
  ['script', /^(?:application|text)\/(?:x-(?:sh|shellscript|python|perl|powershell|bat)|javascript|vbscript|hta)$/],
  ['image', /^image\//],
  ['audio', /^audio\//],
  ['video', /^video\//],
  ['mail', /^(?:message\/rfc822|application\/(?:vnd\.ms-outlook|ms-tnef|vnd\.ms-tnef|mbox))$/],
];

const BY_EXTENSION: Readonly<Record<FileType, string>> = {
  pdf: 'pdf',
  office:
    'doc docx docm dot dotx dotm xls xlsx xlsm xlsb xlt xltx xltm ppt pptx pptm pot potx potm pps ppsx ppsm rtf odt ods odp odg vsd vsdx mpp hwp one',
  archive: 'zip 7z rar gz tgz tar bz2 xz lzh lha cab iso img arj z zst jar dmg',
  executable: 'exe com scr pif cpl msi msp dll sys lnk apk deb rpm app',
  script: 'js jse vbs vbe wsf wsh hta bat cmd ps1 sh py pl reg',
  image: 'jpg jpeg png gif bmp tif tiff webp heic svg ico',
  audio: 'mp3 wav m4a aac ogg flac wma',
  video: 'mp4 mov avi mkv wmv webm mpg mpeg',
  mail: 'eml msg mbox pst ost',
};

const KINDS = new Map<string, FileType>(
  (Object.keys(BY_EXTENSION) as FileType[]).flatMap((kind) =>
    BY_EXTENSION[kind].split(' ').map((one) => [one, kind] as const),
  ),
);

/** The kind that a type belongs to; null where it is none of ours, such as plain text. */
export function kindOfType(type: string | null): FileType | null {
  if (type === null) return null;
  return BY_TYPE.find(([, pattern]) => pattern.test(type))?.[0] ?? null;
}

/** The kind that a name promises; null where it promises none of ours. */
export function kindOfName(name: string): FileType | null {
  const plain = name.normalize('NFKC').toLowerCase();
  return KINDS.get(plain.slice(plain.lastIndexOf('.') + 1)) ?? null;
}
